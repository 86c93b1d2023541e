/** What Map and Parallel share: threads under a thread, a limit on how many run, and an end to all when one fails. */
import type { Json } from "../../../core/base/json.ts";
import type { Flow, MapState, ParallelState } from "../definition.ts";
import { openScope, throwIfCancelled } from "../timing.ts";
import { recordEvent, type Thread, type Visit } from "../visit.ts";

export interface Branches {
  count: number;
  /** How many may run at once. */
  concurrency: number;
  /** Flow, context additions and input of one branch; the input is asked for only when the branch begins. */
  branch(index: number): { flow: Flow; scope: Record<string, Json>; input: () => Promise<Json> };
}

/** Outputs in order. The first failure cancels the other branches and, once they have stopped, is thrown. */
export async function runBranches(visit: Visit<MapState | ParallelState>, branches: Branches): Promise<Json[]> {
  const scope = openScope(visit.thread.signal);
  const pending = Array.from({ length: branches.count }, (_, index) => index).filter(
    (index) => !visit.progress.outputs.has(index),
  );
  const failures: unknown[] = [];
  const work = async () => {
    for (let index = pending.shift(); index !== undefined && !scope.signal.aborted; index = pending.shift())
      await runBranch(visit, branches, index, scope.signal);
  };
  const workers = Array.from({ length: Math.min(branches.concurrency, branches.count) }, () =>
    work().catch((error: unknown) => {
      failures.push(error);
      scope.release();
    }),
  );
  await Promise.all(workers);
  scope.release();
  throwIfCancelled(visit.thread.signal);
  if (failures.length > 0) throw failures[0];
  return Array.from({ length: branches.count }, (_, index) => visit.progress.outputs.get(index) ?? null);
}

async function runBranch(
  visit: Visit<MapState | ParallelState>,
  branches: Branches,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const { flow, scope, input } = branches.branch(index);
  const path = [...visit.thread.path, index];
  const thread: Thread = { ...visit.thread, path, signal, scope: { ...visit.thread.scope, ...scope } };
  const output = await thread.services.runFlow(thread, flow, await beginning(visit, thread, index, input));
  throwIfCancelled(signal);
  thread.execution.write({ kind: "branch-done", path: visit.thread.path, index, output });
  if (visit.state.Type === "Map")
    recordEvent(thread, "MapIterationSucceeded", { mapIterationSucceededEventDetails: { name: visit.name, index } });
}

/** What a new branch begins with; nothing for one that had begun before a restart. */
async function beginning(visit: Visit, thread: Thread, index: number, input: () => Promise<Json>) {
  if (visit.progress.children.has(index)) return undefined;
  const value = await input();
  if (visit.state.Type === "Map")
    recordEvent(thread, "MapIterationStarted", { mapIterationStartedEventDetails: { name: visit.name, index } });
  return { input: value, variables: visit.progress.variables };
}
