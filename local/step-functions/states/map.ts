import type { Json } from "../../../core/base/json.ts";
import type { MapState } from "../definition.ts";
import { queryError } from "../errors.ts";
import {
  checkSize,
  contextOf,
  evaluateIn,
  evaluateNumber,
  finish,
  recordEvent,
  type Outcome,
  type Visit,
} from "../visit.ts";
import { runBranches } from "./branches.ts";

/** Source: Step Functions developer guide, "Map state in Inline mode": up to 40 iterations at once. */
const maxInlineConcurrency = 40;

export async function runMap(visit: Visit<MapState>): Promise<Outcome> {
  const { state, thread } = visit;
  const items = await itemsOf(visit);
  const asked = await evaluateNumber(visit, "MaxConcurrency", state.MaxConcurrency ?? 0);
  const result = await runBranches(visit, {
    count: items.length,
    concurrency: Math.min(asked === 0 ? maxInlineConcurrency : asked, maxInlineConcurrency),
    branch: (index) => {
      const scope = { Map: { Item: { Index: index, Value: items[index] ?? null } } };
      return { flow: state.ItemProcessor, scope, input: () => inputOf(visit, items[index] ?? null, scope) };
    },
  });
  recordEvent(thread, "MapStateSucceeded");
  const { Next, Output, Assign } = state;
  return finish(visit, { next: Next, value: result, output: Output, assign: Assign, extra: { result } });
}

/** Evaluated once and written down: an expression may draw on chance or the time. */
async function itemsOf(visit: Visit<MapState>): Promise<Json[]> {
  const { thread, progress, state } = visit;
  if (progress.branches && Array.isArray(progress.branches.items)) return progress.branches.items;
  const items = state.Items === undefined ? progress.input : await evaluateIn(visit, state.Items);
  if (!Array.isArray(items)) throw queryError(`The Items of '${visit.name}' must be an array.`);
  checkSize(visit, "got items", items);
  thread.execution.write({ kind: "branches", path: thread.path, items });
  recordEvent(thread, "MapStateStarted", { mapStateStartedEventDetails: { length: items.length } });
  return items;
}

async function inputOf(visit: Visit<MapState>, item: Json, scope: Record<string, Json>): Promise<Json> {
  if (visit.state.ItemSelector === undefined) return item;
  return evaluateIn(visit, visit.state.ItemSelector, { context: { ...contextOf(visit), ...scope } });
}
