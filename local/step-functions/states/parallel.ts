import type { Json } from "../../../core/base/json.ts";
import type { ParallelState } from "../definition.ts";
import { runtimeError } from "../errors.ts";
import { checkSize, evaluateIn, finish, recordEvent, type Outcome, type Visit } from "../visit.ts";
import { runBranches } from "./branches.ts";

export async function runParallel(visit: Visit<ParallelState>): Promise<Outcome> {
  const { state, thread } = visit;
  const input = await inputOf(visit);
  const result = await runBranches(visit, {
    count: state.Branches.length,
    concurrency: state.Branches.length,
    branch: (index) => {
      const flow = state.Branches[index];
      if (!flow) throw runtimeError(`'${visit.name}' has no branch ${index}.`);
      return { flow, scope: {}, input: () => Promise.resolve(input) };
    },
  });
  recordEvent(thread, "ParallelStateSucceeded");
  const { Next, Output, Assign } = state;
  return finish(visit, { next: Next, value: result, output: Output, assign: Assign, extra: { result } });
}

/** Evaluated once and written down, for every branch the same. */
async function inputOf(visit: Visit<ParallelState>): Promise<Json> {
  const { thread, progress, state } = visit;
  if (progress.branches) return progress.branches.items;
  const input = state.Arguments === undefined ? progress.input : await evaluateIn(visit, state.Arguments);
  checkSize(visit, "got arguments", input);
  thread.execution.write({ kind: "branches", path: thread.path, items: input });
  recordEvent(thread, "ParallelStateStarted");
  return input;
}
