import type { StepRecord } from "../../core/conversation/turn.ts";
import { openBlobs } from "../../core/store/blobs.ts";
import { openStore } from "../../core/store/store.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openTable } from "../../core/store/table.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import type { AwsMeter } from "../aws-meter.ts";
import { conversationOf, type Bed } from "../bed.ts";
import { median } from "../statistics.ts";
import { inKb, inMs, type Row } from "../table.ts";
import { beforeModelMs, betweenStepsMs, measureTurn, type TurnCost } from "./probe.ts";

/** Steps of the turns that are compared: the difference is what `longSteps - 1` further steps cost. */
const longSteps = 5;

interface StepCost {
  awsCalls: number;
  bytesWritten: number;
  bytesRead: number;
  bytesLoaded: number;
  betweenMs: number;
  beforeModelMs: number;
}

/** What a step costs in a session with few and with many steps behind it. */
export async function historyRows(bed: Bed, meter: AwsMeter, times: number): Promise<Row[]> {
  const short = await costWith(bed, meter, { earlierSteps: 10, times });
  const long = await costWith(bed, meter, { earlierSteps: 500, times });
  const row = (what: string, figure: (cost: StepCost) => string, reach?: string): Row => ({
    what,
    measured: `${figure(short)} → ${figure(long)}`,
    ...(reach && { reach }),
  });
  return [
    row("AWS calls of a further step", (cost) => cost.awsCalls.toFixed(1), "equal"),
    row("bytes written by a further step", (cost) => inKb(cost.bytesWritten), "equal"),
    row("bytes read by a further step", (cost) => inKb(cost.bytesRead), "equal"),
    row("each further step, median", (cost) => inMs(cost.betweenMs)),
    row("bytes read by a turn of one step (its active window)", (cost) => inKb(cost.bytesLoaded)),
    row("message to the model's request, median", (cost) => inMs(cost.beforeModelMs)),
  ];
}

async function costWith(
  bed: Bed,
  meter: AwsMeter,
  { earlierSteps, times }: { earlierSteps: number; times: number },
): Promise<StepCost> {
  const person = bed.newPerson();
  await measureTurn(bed, meter, { person, steps: 2, tool: "todo" });
  await addEarlierSteps(bed, person, earlierSteps - 2);
  const pairs: { single: TurnCost; long: TurnCost }[] = [];
  // Side by side, since each turn reads the steps of those before it too.
  for (let run = 0; run < times; run += 1) {
    const single = await measureTurn(bed, meter, { person, steps: 1, tool: "todo" });
    const long = await measureTurn(bed, meter, { person, steps: longSteps, tool: "todo" });
    pairs.push({ single, long });
  }
  const more = (figure: (cost: TurnCost) => number) =>
    median(pairs.map(({ single, long }) => (figure(long) - figure(single)) / (longSteps - 1)));
  return {
    awsCalls: more((cost) => cost.awsCalls),
    bytesWritten: more((cost) => cost.bytesWritten),
    bytesRead: more((cost) => cost.bytesRead),
    bytesLoaded: median(pairs.map(({ single }) => single.bytesRead)),
    betweenMs: median(pairs.flatMap(({ long }) => betweenStepsMs(long.trace))),
    beforeModelMs: median(pairs.map(({ single }) => beforeModelMs(single.trace))),
  };
}

/** Gives the session's first turn more steps like its first, as the store would have saved them. */
async function addEarlierSteps({ cloud }: Bed, person: number, count: number): Promise<void> {
  const { awsEnvironment } = cloud;
  const table = openTable(String(awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
  const store = openStore(table, openBlobs(String(awsEnvironment[resourceEnvironment.bucket])), Date.now);
  const session = (await store.leases.current(conversationOf(person)))?.session ?? "";
  const [first, last] = await store.steps.from(session, 1);
  if (first?.status !== "closed" || !last) throw new Error("The first turn left no steps to copy.");
  for (let index = 0; index < count; index += 1) {
    const step: StepRecord = { ...last, step: last.step + 1 + index, input: first.input, at: first.at };
    await store.steps.put(session, step);
  }
}
