import { editsBetween, type Edit } from "./edits.ts";

const contextLines = 3;
const maxDiffChars = 8_000;

/** In unified format; a long diff is cut, since the model knows what it wrote. */
export function unifiedDiff(path: string, before: string, after: string): string {
  const edits = editsBetween(before.split("\n"), after.split("\n"));
  const diff = [`--- ${path}`, `+++ ${path}`, ...hunksOf(edits)].join("\n");
  return diff.length <= maxDiffChars ? diff : `${diff.slice(0, maxDiffChars)}\n[… diff cut]`;
}

const marks = { keep: " ", remove: "-", add: "+" } as const;

function hunksOf(edits: readonly Edit[]): string[] {
  const changes = edits.flatMap(({ kind }, at) => (kind === "keep" ? [] : [at]));
  const result: string[] = [];
  // Lines of both texts before the hunk at hand.
  let [counted, old, now] = [0, 0, 0];
  const count = (to: number) => {
    for (; counted < to; counted += 1) {
      if (edits[counted]?.kind !== "add") old += 1;
      if (edits[counted]?.kind !== "remove") now += 1;
    }
  };
  for (const [first, last] of runsOf(changes)) {
    const [start, end] = [Math.max(0, first - contextLines), Math.min(edits.length, last + 1 + contextLines)];
    count(start);
    const [oldStart, nowStart] = [old, now];
    count(end);
    result.push(`@@ -${oldStart + 1},${old - oldStart} +${nowStart + 1},${now - nowStart} @@`);
    for (const { kind, line } of edits.slice(start, end)) result.push(marks[kind] + line);
  }
  return result;
}

/** First and last of the changes that are so near to each other that their context would overlap. */
function runsOf(changes: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const at of changes) {
    const run = runs.at(-1);
    if (run !== undefined && at - run[1] <= 2 * contextLines) run[1] = at;
    else runs.push([at, at]);
  }
  return runs;
}
