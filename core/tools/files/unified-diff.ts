const contextLines = 3;
const maxDiffChars = 8_000;

/**
 * One hunk from the first line that changed to the last, in unified format. Between two changes far apart it shows
 * what stayed as removed and added: true, if not the shortest; a long diff is cut, since the model knows what it wrote.
 */
export function unifiedDiff(path: string, before: string, after: string): string {
  const old = before.split("\n");
  const now = after.split("\n");
  const start = commonStart(old, now);
  const end = commonStart(old.slice(start).toReversed(), now.slice(start).toReversed());
  const from = Math.max(0, start - contextLines);
  const oldEnd = old.length - end;
  const nowEnd = now.length - end;
  const below = old.slice(oldEnd, oldEnd + contextLines);
  const hunk = [
    `@@ -${from + 1},${oldEnd - from + below.length} +${from + 1},${nowEnd - from + below.length} @@`,
    ...old.slice(from, start).map((line) => ` ${line}`),
    ...old.slice(start, oldEnd).map((line) => `-${line}`),
    ...now.slice(start, nowEnd).map((line) => `+${line}`),
    ...below.map((line) => ` ${line}`),
  ];
  const diff = [`--- ${path}`, `+++ ${path}`, ...hunk].join("\n");
  return diff.length <= maxDiffChars ? diff : `${diff.slice(0, maxDiffChars)}\n[… diff cut]`;
}

/** How many lines two texts have in common from their beginning. */
function commonStart(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count += 1;
  return count;
}
