import type { WaitState } from "../definition.ts";
import { queryError } from "../errors.ts";
import { sleepUntil, throwIfCancelled } from "../timing.ts";
import { evaluateIn, evaluateNumber, finish, type Outcome, type Visit } from "../visit.ts";

/** The deadline is written down once, so a restart waits for the rest and not anew. */
export async function runWait(visit: Visit<WaitState>): Promise<Outcome> {
  const { thread, progress, state } = visit;
  const untilMs = progress.waitUntilMs ?? (await deadline(visit));
  if (progress.waitUntilMs === undefined) thread.execution.write({ kind: "wait", path: thread.path, untilMs });
  await sleepUntil(thread.services.clock, untilMs, thread.signal);
  throwIfCancelled(thread.signal);
  return finish(visit, { next: state.Next, value: progress.input, output: state.Output, assign: state.Assign });
}

async function deadline(visit: Visit<WaitState>): Promise<number> {
  const { Seconds, Timestamp } = visit.state;
  if (Seconds !== undefined)
    return visit.thread.services.clock.now() + 1000 * (await evaluateNumber(visit, "Seconds", Seconds));
  const text = await evaluateIn(visit, Timestamp ?? "");
  const atMs = typeof text === "string" ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw queryError(`The Timestamp of '${visit.name}' is not an ISO 8601 time.`);
  return atMs;
}
