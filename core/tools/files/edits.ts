import { indentationOf } from "./indentation.ts";

/** One line of a change: it stays (as the file has it, however the model wrote it), goes, or comes. */
export interface Edit {
  kind: "keep" | "remove" | "add";
  line: string;
}

/** The lines that must be in the file. */
export const soughtOf = (edits: readonly Edit[]): string[] =>
  edits.filter(({ kind }) => kind !== "add").map(({ line }) => line);

/** The lines that shall be there afterwards, as the model wrote them. */
export const resultOf = (edits: readonly Edit[]): string[] =>
  edits.filter(({ kind }) => kind !== "remove").map(({ line }) => line);

/** Above this many comparisons what lies between the common beginning and the common end is replaced as a whole. */
const maxComparisons = 4_000_000;

/** A shortest change from some lines to others. */
export function editsBetween(old: readonly string[], now: readonly string[]): Edit[] {
  const start = commonStart(old, now);
  const end = commonStart(old.slice(start).toReversed(), now.slice(start).toReversed());
  const keep = (line: string): Edit => ({ kind: "keep", line });
  return [
    ...old.slice(0, start).map(keep),
    ...middleEdits(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...old.slice(old.length - end).map(keep),
  ];
}

function middleEdits(old: readonly string[], now: readonly string[]): Edit[] {
  const remove = (line: string): Edit => ({ kind: "remove", line });
  const add = (line: string): Edit => ({ kind: "add", line });
  if (old.length * now.length > maxComparisons) return [...old.map(remove), ...now.map(add)];
  const common = commonLengths(old, now);
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length && j < now.length) {
    const [gone, come] = [old[i] ?? "", now[j] ?? ""];
    if (gone === come) {
      edits.push({ kind: "keep", line: gone });
      i += 1;
      j += 1;
    } else if ((common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0)) {
      edits.push(remove(gone));
      i += 1;
    } else {
      edits.push(add(come));
      j += 1;
    }
  }
  return [...edits, ...old.slice(i).map(remove), ...now.slice(j).map(add)];
}

/** At [i][j]: the length of the longest common subsequence of what follows i and what follows j. */
function commonLengths(old: readonly string[], now: readonly string[]): Uint32Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const [row, below] = [rows[i], rows[i + 1]];
    if (row === undefined || below === undefined) continue;
    for (let j = now.length - 1; j >= 0; j -= 1)
      row[j] = old[i] === now[j] ? 1 + (below[j + 1] ?? 0) : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
  }
  return rows;
}

/**
 * The lines from `place` on with the edits made. Lines that stay are the file's own to the byte; lines that come get
 * the indentation and the line end that the lines around them have.
 */
export function applyEdits(lines: readonly string[], place: number, edits: readonly Edit[]): string[] {
  const sought = soughtOf(edits);
  const found = lines.slice(place, place + sought.length);
  const indented = indentationOf(sought, found);
  const lineEnd = (found[0] ?? lines[place - 1] ?? "").endsWith("\r") ? "\r" : "";
  // How many lines were found so far, and at which of them the run of changes at hand began.
  let [at, runStart, added] = [0, 0, 0];
  const put = edits.flatMap(({ kind, line }) => {
    if (kind === "add") {
      added += 1;
      return [indented(line.replace(/\r$/, ""), Math.min(runStart + added - 1, at - 1)) + lineEnd];
    }
    at += 1;
    if (kind === "keep") [runStart, added] = [at, 0];
    return kind === "keep" ? [found[at - 1] ?? ""] : [];
  });
  return [...lines.slice(0, place), ...put, ...lines.slice(place + sought.length)];
}

/** How many lines two texts have in common from their beginning. */
function commonStart(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count += 1;
  return count;
}
