import { difference, type CounterSnapshot } from "../../local/cloud/counters.ts";
import type { AwsMeter } from "../aws-meter.ts";
import type { Bed } from "../bed.ts";
import type { Script, Trace } from "../outside/outside.ts";
import { sum } from "../statistics.ts";

/** What one turn took. */
export interface TurnCost {
  trace: Trace;
  awsCalls: number;
  bytesWritten: number;
  bytesRead: number;
  webhookCalls: number;
}

/** Runs turns one at a time and reads the meters around each. */
export async function measureTurn(
  { cloud, outside, rest }: Bed,
  meter: AwsMeter,
  question: Script & { person: number },
): Promise<TurnCost> {
  await quiet(cloud);
  const before = { counters: cloud.counters.snapshot(), read: meter.bytesRead(), webhook: meter.webhookCalls() };
  const trace = await outside.converse({ url: cloud.url, ...question });
  await rest();
  // What is done for search after the turn is a part of what it costs.
  await quiet(cloud);
  const spent: CounterSnapshot = difference(cloud.counters.snapshot(), before.counters);
  return {
    trace,
    awsCalls: sum(Object.values(spent.calls)),
    bytesWritten: sum(Object.entries(spent.requestBytes).flatMap(([name, bytes]) => (isWrite(name) ? [bytes] : []))),
    bytesRead: meter.bytesRead() - before.read,
    webhookCalls: meter.webhookCalls() - before.webhook,
  };
}

const quietMs = 120;

/** Waits until the cloud has not been called for a moment. */
async function quiet({ counters }: Bed["cloud"]): Promise<void> {
  const calls = () => sum(Object.values(counters.snapshot().calls));
  let seen = -1;
  while (seen !== calls()) {
    seen = calls();
    await new Promise((resolve) => setTimeout(resolve, quietMs));
  }
}

const isWrite = (name: string): boolean => /\.(Put|Update|Delete|StartExecution)/.test(name);

export async function measureTurns(
  bed: Bed,
  meter: AwsMeter,
  { times, ...question }: Script & { person: number; times: number },
): Promise<TurnCost[]> {
  const costs: TurnCost[] = [];
  for (let run = 0; run < times; run += 1) costs.push(await measureTurn(bed, meter, question));
  return costs;
}

/** From the person's message to the delivered reply, without the time in which the model was asked. */
export const ownTimeMs = ({ postedAtMs, deliveredAtMs, modelCalls }: Trace): number =>
  deliveredAtMs - postedAtMs - sum(modelCalls.map(({ fromMs, untilMs }) => untilMs - fromMs));

export const webhookMs = ({ postedAtMs, acceptedAtMs }: Trace): number => acceptedAtMs - postedAtMs;

/** From the person's message to the model's first request. */
export const beforeModelMs = ({ postedAtMs, modelCalls }: Trace): number =>
  (modelCalls[0]?.fromMs ?? Number.NaN) - postedAtMs;

/** From the model's last answer to the delivered reply. */
export const afterModelMs = ({ deliveredAtMs, modelCalls }: Trace): number =>
  deliveredAtMs - (modelCalls.at(-1)?.untilMs ?? Number.NaN);

/** Between one answer of the model and its next request: tools, saving, loading. */
export const betweenStepsMs = ({ modelCalls }: Trace): number[] =>
  modelCalls.slice(1).map(({ fromMs }, index) => fromMs - (modelCalls[index]?.untilMs ?? Number.NaN));
