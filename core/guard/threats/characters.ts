/** Characters that hide a text, or make it look like another one. */

/** Zero-width and direction characters, and the tag block. */
const invisible = /[\u200B-\u200D\u2060\u2062-\u2064\uFEFF\u202A-\u202E\u2066-\u2069\u180E]|[\u{E0000}-\u{E007F}]/u;
/** Two in a row choose no variant of anything: they carry bytes. */
const carriedBytes = /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]{2}/u;
/** Joiners are part of emoji and of some scripts: between two characters beyond ASCII they are meant. */
const joiner = /(?<=[^\0-\x7F])[\u200C\u200D](?=[^\0-\x7F])/gu;
/** The flags of England, Scotland and Wales are written with the tag block. */
const flag = /\u{1F3F4}[\u{E0061}-\u{E007A}]{2,6}\u{E007F}/gu;

const asLong = (found: string): string => "x".repeat(found.length);

/** Where the first character stands that nobody sees and the model reads; -1 when there is none. */
export function hiddenAt(text: string): number {
  const known = text.replaceAll(joiner, asLong).replaceAll(flag, asLong);
  const places = [known.search(invisible), known.search(carriedBytes)].filter((at) => at >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

/** Shown as nothing, or as a blank, and meant in some texts: a hyphen for the end of a line, the direction of a word. */
const unseen = /\u00AD|\u034F|\u061C|\u115F|\u1160|\u17B4|\u17B5|\u200E|\u200F|\u3164|\uFFA0/gu;

/** Cyrillic and Greek letters, each with the Latin one that it looks like. */
const lookalikes = new Map(
  "аa еe оo рp сc уy хx іi јj ѕs ԁd һh ԛq ԝw οo αa νv ιi ρp υu τt"
    .split(" ")
    .map(([letter = "", latin = ""]) => [letter, latin]),
);
const isMixed = (word: string): boolean => /[a-z]/i.test(word) && /[\u0370-\u052F]/.test(word);
const folded = (word: string): string =>
  word.toLowerCase().replaceAll(/./gsu, (letter) => lookalikes.get(letter) ?? letter);

/** A text as somebody may read it, also in lower case. */
export interface Reading {
  text: string;
  lower: string;
}
const readingOf = (text: string): Reading => ({ text, lower: text.toLowerCase() });

/** The text as a reader would take it, in each way that it can be taken. */
export function readable(text: string): Reading[] {
  const plain = text.replaceAll(unseen, "").normalize("NFKC");
  if (!isMixed(plain)) return [readingOf(plain)];
  return [plain, plain.replaceAll(/\p{L}+/gu, (word) => (isMixed(word) ? folded(word) : word))].map(readingOf);
}
