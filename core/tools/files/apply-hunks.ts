import { applyEdits, soughtOf, type Edit } from "./edits.ts";
import { nearestLines } from "./nearest-lines.ts";
import type { Hunk } from "./v4a.ts";
import { byKey, looseWays, type Way } from "./ways.ts";

type Applied = { text: string; notes: string[] } | { error: string; nearest?: string[] };
type Place = { at: number; edits: readonly Edit[]; note: string } | { error: string } | undefined;

const exactly: Way = { note: "", find: byKey((line) => line.replace(/\r$/, "")) };

/** Makes all hunks of one file, from top to bottom, or none and says which one does not fit. */
export function applyHunks(text: string, hunks: readonly Hunk[]): Applied {
  let lines = text.split("\n");
  let from = 0;
  const notes: string[] = [];
  for (const hunk of hunks) {
    const starts = startsOf(lines, from, hunk.anchors);
    if (starts.length === 0) return { error: `The @@ line of ${hunk.title} is not in the file${below(from)}.` };
    const place = soughtOf(hunk.edits).length === 0 ? insertion(lines, starts, hunk) : placeOf(lines, starts, hunk);
    if (place === undefined) {
      const nearest = nearestLines(text, soughtOf(hunk.edits).join("\n"));
      return { error: `The lines of ${hunk.title} are not in the file${below(from)}.`, nearest };
    }
    if ("error" in place) return place;
    lines = applyEdits(lines, place.at, place.edits);
    from = place.at + place.edits.filter(({ kind }) => kind !== "remove").length;
    if (place.note !== "") notes.push(`${hunk.title}: ${place.note}`);
  }
  return { text: lines.join("\n"), notes };
}

const below = (from: number): string => (from === 0 ? "" : " below the hunk before it");

/** Every line where the first anchor is found, followed down to the nearest of each further one; `from` without any. */
function startsOf(lines: readonly string[], from: number, anchors: readonly string[]): number[] {
  const [first, ...rest] = anchors;
  if (first === undefined) return [from];
  const starts = anchorLines(lines, first).filter((at) => at >= from);
  return rest.reduce((places, anchor) => {
    const found = anchorLines(lines, anchor);
    return places.flatMap((place) => found.find((at) => at >= place) ?? []);
  }, starts);
}

function anchorLines(lines: readonly string[], anchor: string): number[] {
  const wanted = anchor.trim();
  const whole = lines.flatMap((line, at) => (line.trim() === wanted ? [at] : []));
  return whole.length > 0 ? whole : lines.flatMap((line, at) => (line.includes(wanted) ? [at] : []));
}

/** Lines that only come: after the anchor, at the end, or into an empty file. */
function insertion(
  lines: readonly string[],
  starts: readonly number[],
  { anchors, edits, isAtEnd, title }: Hunk,
): Place {
  const isEmpty = lines.length === 1 && lines[0] === "";
  if (isAtEnd || isEmpty) return { at: lines.at(-1) === "" ? lines.length - 1 : lines.length, edits, note: "" };
  if (anchors.length === 0) return { error: `The ${title} has no line that says where it belongs.` };
  const [start, ...others] = starts;
  if (others.length > 0) return ambiguous(title, starts);
  return { at: (start ?? 0) + 1, edits, note: "" };
}

/** Without an anchor the lines must be there once; with one the nearest below it is meant. */
function placeOf(lines: readonly string[], starts: readonly number[], hunk: Hunk): Place {
  for (const way of [exactly, ...looseWays]) {
    const edits = way.adapt === undefined ? hunk.edits : way.adapt(hunk.edits);
    if (edits === undefined) continue;
    const sought = soughtOf(edits);
    const first = Math.min(...starts);
    const found = way.find(lines.slice(first), sought).map((at) => at + first);
    const last = found.filter((at) => lines.slice(at + sought.length).join("\n") === "");
    const places = hunk.isAtEnd && last.length > 0 ? last : found;
    const nearest = starts.flatMap((start) => places.find((at) => at >= start) ?? []);
    const meant = hunk.anchors.length === 0 ? places : [...new Set(nearest)];
    if (meant.length > 1) return ambiguous(hunk.title, meant);
    const [at] = meant;
    if (at !== undefined) return { at, edits, note: way.note };
  }
  return undefined;
}

const ambiguous = (title: string, places: readonly number[]): { error: string } => ({
  error: `The ${title} fits in ${places.length} places, at lines ${places
    .slice(0, 10)
    .map((at) => at + 1)
    .join(", ")}. Add context lines or an @@ line.`,
});
