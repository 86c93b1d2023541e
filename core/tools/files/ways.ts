import { editsBetween, resultOf, soughtOf, type Edit } from "./edits.ts";
import { byBlockAnchor, byContext } from "./similar-blocks.ts";

/** A text to be put in another's place, as the model wrote both. */
export interface Change {
  wanted: string;
  replacement: string;
}

/** One way to find the lines that are meant, and what the result says about it. */
export interface Way {
  note: string;
  /** Another reading of the change, in which it is sought; `undefined` when this way has none. Absent: as it is. */
  adapt?(edits: readonly Edit[]): readonly Edit[] | undefined;
  /** Indexes of all lines at which the sought ones begin. */
  find(lines: readonly string[], sought: readonly string[]): number[];
  /** Finds a part of a line too: where, and how long; what to put there. */
  within?(text: string, change: Change): { places: number[]; lengths: number[]; replacement: string };
}

/** What editors and models make of plain characters, made plain again: each becomes exactly one, so that places stay. */
const plain = (text: string): string =>
  text
    .replaceAll(/[\u2018\u2019\u201A\u201B]/g, "'")
    .replaceAll(/[\u201C\u201D\u201E\u201F]/g, '"')
    .replaceAll(/[\u2010-\u2015\u2212]/g, "-")
    .replaceAll(/[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g, " ");

const collapsed = (line: string): string => line.trim().replaceAll(/\s+/g, " ");

/** Compares lines by what the key makes of them; nothing but white space would be found anywhere. */
export const byKey =
  (key: (line: string) => string): Way["find"] =>
  (lines, sought) => {
    const pattern = sought.map(key);
    if (pattern.every((line) => line.trim() === "")) return [];
    const keys = lines.map(key);
    return keys.flatMap((_, at) => (pattern.every((line, offset) => keys[at + offset] === line) ? [at] : []));
  };

/** Where a text occurs, one occurrence after the other. */
export function placesOf(text: string, wanted: string): number[] {
  const places: number[] = [];
  if (wanted === "") return places;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

const allOf = (text: string, wanted: string, replacement: string) => {
  const places = placesOf(text, wanted);
  return { places, lengths: places.map(() => wanted.length), replacement };
};

const trimmedEnd: Way = {
  note: "Matched apart from white space at line ends.",
  find: byKey((line) => line.trimEnd()),
};

const trimmed: Way = {
  note: "Matched apart from indentation, which was adapted.",
  find: byKey((line) => line.trim()),
};

const whiteSpace: Way = {
  note: "Matched apart from white space within lines.",
  find: byKey(collapsed),
  within(text, { wanted, replacement }) {
    const words = wanted.split(/[ \t]+/).map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
    if (wanted.includes("\n") || words.filter(Boolean).length < 2) return { places: [], lengths: [], replacement };
    const found = [...text.matchAll(new RegExp(words.join("[ \\t]+"), "g"))];
    return { places: found.map(({ index }) => index), lengths: found.map(([match]) => match.length), replacement };
  },
};

const escapes: Way = {
  note: 'Matched after resolving escapes (\\n, \\t, \\") that old_string had too many of; new_string was read alike.',
  adapt(edits) {
    const change = unescaped({ wanted: soughtOf(edits).join("\n"), replacement: resultOf(edits).join("\n") });
    return change && editsBetween(change.wanted.split("\n"), change.replacement.split("\n"));
  },
  find: byKey((line) => line.trim()),
  within(text, change) {
    const { wanted, replacement } = unescaped(change) ?? { wanted: "", replacement: "" };
    return allOf(text, wanted, replacement);
  },
};

/** Without the escapes that occur in the wanted text; a written-out line end only where there is no real one. */
function unescaped({ wanted, replacement }: Change): Change | undefined {
  const used = new Set([...wanted.matchAll(/\\([nrt"'`\\])/g)].map(([, letter]) => letter ?? ""));
  const resolve = (text: string) =>
    text.replaceAll(/\\([nrt"'`\\])/g, (whole, letter: string) => {
      if (!used.has(letter) || (letter === "n" && text.includes("\n"))) return whole;
      return { n: "\n", r: "\r", t: "\t" }[letter] ?? letter;
    });
  const resolved = { wanted: resolve(wanted), replacement: resolve(replacement) };
  return resolved.wanted === wanted ? undefined : resolved;
}

const typography: Way = {
  note: "Matched apart from typographic quotes, dashes and spaces.",
  find: byKey((line) => collapsed(plain(line).normalize("NFC"))),
  within: (text, { wanted, replacement }) => allOf(plain(text), plain(wanted), replacement),
};

const boundaries: Way = {
  note: "Matched without the white space around old_string.",
  adapt(edits) {
    const [wanted, replacement] = withoutBlankEnds(soughtOf(edits), resultOf(edits));
    return wanted.length === soughtOf(edits).length ? undefined : editsBetween(wanted, replacement);
  },
  find: byKey((line) => line.trim()),
  within(text, { wanted, replacement }) {
    const start = /^\s/.test(wanted) ? replacement.trimStart() : replacement;
    return allOf(text, wanted.trim(), /\s$/.test(wanted) ? start.trimEnd() : start);
  },
};

/** Blank lines at the ends of the wanted lines are left out, and as many there of the replacement. */
function withoutBlankEnds(wanted: readonly string[], replacement: readonly string[]): [string[], string[]] {
  const isText = (line: string) => line.trim() !== "";
  const start = Math.max(0, wanted.findIndex(isText));
  const end = wanted.length - 1 - wanted.findLastIndex(isText);
  const first = Math.min(start, Math.max(0, replacement.findIndex(isText)));
  const last = Math.min(end, replacement.length - 1 - replacement.findLastIndex(isText));
  return [wanted.slice(start, wanted.length - end), replacement.slice(first, replacement.length - last)];
}

const kept = "lines that you did not change stay as the file has them, so look at the diff.";

/** Strictest first. The exact text comes before them all. */
export const looseWays: readonly Way[] = [
  trimmedEnd,
  trimmed,
  whiteSpace,
  escapes,
  typography,
  boundaries,
  { note: `Matched by the first and the last line; those between are only similar, and ${kept}`, find: byBlockAnchor },
  { note: `Matched by similarity of the whole block; ${kept}`, find: byContext },
];
