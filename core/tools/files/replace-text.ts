import { applyEdits, editsBetween, soughtOf, type Edit } from "./edits.ts";
import { looseWays, placesOf, type Change, type Way } from "./ways.ts";

interface Replacement extends Change {
  /** Every occurrence, and only exact ones. */
  all: boolean;
}

export type Outcome =
  | { status: "replaced"; text: string; count: number; note?: string }
  | { status: "ambiguous"; lines: number[]; isExact: boolean }
  | { status: "missing" };

/**
 * Replaces the one place that is meant. An exact match goes first; then come ever looser ways, and the first that
 * finds exactly one place wins. A way that finds several ends the search: a looser one finds them too.
 */
export function replaceText(text: string, { wanted, replacement, all }: Replacement): Outcome {
  const exact = all ? placesOf(text, wanted) : overlappingPlacesOf(text, wanted);
  if (exact.length === 1 || (all && exact.length > 0)) {
    const put = text.split(wanted).join(withLineEndsOf(text, replacement));
    return { status: "replaced", text: put, count: exact.length };
  }
  if (exact.length > 1) return { status: "ambiguous", lines: exact.map((at) => lineAt(text, at)), isExact: true };
  const lines = text.split("\n");
  const change = { wanted, replacement };
  const edits = editsBetween(wholeLines(wanted), replacement === "" ? [] : wholeLines(replacement));
  for (const way of looseWays) {
    const outcome = byLines(lines, edits, way) ?? withinLine(text, change, way);
    if (outcome !== undefined) return outcome;
  }
  return { status: "missing" };
}

/** More places than these need not be known to say that one is not enough. */
const maxPlaces = 100;

/** Two places that overlap are two: nobody knows which of them is meant. */
function overlappingPlacesOf(text: string, wanted: string): number[] {
  const places: number[] = [];
  if (wanted === "") return places;
  for (let at = text.indexOf(wanted); at >= 0 && places.length < maxPlaces; at = text.indexOf(wanted, at + 1))
    places.push(at);
  return places;
}

/** Without the empty rest after a final newline: whole lines are meant. */
const wholeLines = (text: string): string[] => text.replace(/\r?\n$/, "").split("\n");

function byLines(lines: readonly string[], edits: readonly Edit[], way: Way): Outcome | undefined {
  const meant = way.adapt === undefined ? edits : way.adapt(edits);
  if (meant === undefined) return undefined;
  const places = way.find(lines, soughtOf(meant));
  if (places.length > 1) return { status: "ambiguous", lines: places.map((at) => at + 1), isExact: false };
  const [place] = places;
  if (place === undefined) return undefined;
  return { status: "replaced", text: applyEdits(lines, place, meant).join("\n"), count: 1, note: way.note };
}

function withinLine(text: string, change: Change, way: Way): Outcome | undefined {
  const { places, lengths, replacement } = way.within?.(text, change) ?? { places: [], lengths: [], replacement: "" };
  if (places.length > 1) {
    return { status: "ambiguous", lines: places.map((at) => lineAt(text, at)), isExact: false };
  }
  const [place] = places;
  if (place === undefined) return undefined;
  const rest = text.slice(place + (lengths[0] ?? 0));
  const put = text.slice(0, place) + withLineEndsOf(text, replacement) + rest;
  return { status: "replaced", text: put, count: 1, note: way.note };
}

/** A file whose lines all end in CRLF keeps them so. */
function withLineEndsOf(text: string, replacement: string): string {
  const isWindows = text.includes("\r\n") && !/(^|[^\r])\n/.test(text);
  return isWindows ? replacement.replaceAll(/\r?\n/g, "\r\n") : replacement;
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split("\n").length;
