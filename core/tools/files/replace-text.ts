interface Replacement {
  wanted: string;
  replacement: string;
  /** Every occurrence, and only exact ones. */
  all: boolean;
}

type Outcome =
  | { status: "replaced"; text: string; count: number; note?: string }
  | { status: "ambiguous"; lines: number[] }
  | { status: "missing" };

/**
 * Replaces the one place that is meant. An exact match goes first; else lines are compared ever more loosely, and the
 * first way that finds exactly one place wins. A way that finds several ends the search: a looser one finds them too.
 */
export function replaceText(text: string, { wanted, replacement, all }: Replacement): Outcome {
  const exact = exactPlaces(text, wanted);
  if (exact.length === 1 || (all && exact.length > 0)) {
    return { status: "replaced", text: text.split(wanted).join(replacement), count: exact.length };
  }
  if (exact.length > 1) return { status: "ambiguous", lines: exact.map((at) => lineAt(text, at)) };
  for (const way of looseWays) {
    const places = linePlaces(text, wanted, way.key);
    if (places.length > 1) return { status: "ambiguous", lines: places.map((line) => line + 1) };
    const [place] = places;
    if (place === undefined) continue;
    return { status: "replaced", text: replaceLines(text, place, { wanted, replacement }), count: 1, note: way.note };
  }
  return { status: "missing" };
}

/** Ways to compare lines, strictest first; each says in the result what was overlooked. */
const looseWays: readonly { key: (line: string) => string; note: string }[] = [
  { key: (line) => line.trimEnd(), note: "Matched apart from white space at line ends." },
  { key: (line) => line.trim(), note: "Matched apart from indentation, which was adapted." },
  { key: (line) => plain(line).trim(), note: "Matched apart from typographic quotes, dashes and spaces." },
];

/** What editors and models make of plain characters, made plain again. */
const plain = (line: string): string =>
  line
    .replaceAll(/[\u2018\u2019\u201B]/g, "'")
    .replaceAll(/[\u201C\u201D\u201F]/g, '"')
    .replaceAll(/[\u2010-\u2015\u2212]/g, "-")
    .replaceAll(/[\u00A0\u2000-\u200A\u202F\u3000\t ]+/g, " ");

function exactPlaces(text: string, wanted: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split("\n").length;

/** Indexes of the lines at which all wanted lines follow, compared by their keys. */
function linePlaces(text: string, wanted: string, key: (line: string) => string): number[] {
  const lines = text.split("\n").map(key);
  const pattern = wantedLines(wanted).map(key);
  // Nothing but white space would match anywhere.
  if (pattern.every((line) => line === "")) return [];
  return lines.flatMap((_, at) => (pattern.every((line, offset) => lines[at + offset] === line) ? [at] : []));
}

/** Without the empty rest after a final newline: whole lines are meant. */
const wantedLines = (wanted: string): string[] => wanted.replace(/\r?\n$/, "").split("\n");

/** Replaces whole lines, with the file's own line ends and indentation. */
function replaceLines(text: string, place: number, { wanted, replacement }: Omit<Replacement, "all">): string {
  const lines = text.split("\n");
  const pattern = wantedLines(wanted);
  const found = lines.slice(place, place + pattern.length);
  const lineEnd = found[0]?.endsWith("\r") ? "\r" : "";
  const indented = reindent(wantedLines(replacement), pattern, found);
  const put = replacement === "" ? [] : indented.map((line) => line.replace(/\r$/, "") + lineEnd);
  return [...lines.slice(0, place), ...put, ...lines.slice(place + pattern.length)].join("\n");
}

/** Gives the replacement the indentation that the file has where the model wrote another one. */
function reindent(replacement: readonly string[], pattern: readonly string[], found: readonly string[]): string[] {
  const first = pattern.findIndex((line) => line.trim() !== "");
  const given = indentOf(pattern[first] ?? "");
  const actual = indentOf(found[first] ?? "");
  return replacement.map((line) =>
    given !== actual && line.startsWith(given) && line.trim() !== "" ? actual + line.slice(given.length) : line,
  );
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? "";
