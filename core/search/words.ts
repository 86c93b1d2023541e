/** Text as the index sees it, for messages and for queries. */

/**
 * What is a word in scripts without spaces: in old segments each character, since then the trigram that begins with it.
 * The place in this list is the `user_version` of a segment's file.
 */
export const textFormats = ["characters", "trigrams"] as const;
export type TextFormat = (typeof textFormats)[number];

/** What the tokenizer of the index (schema.ts) keeps: letters, numbers, marks. */
const letter = String.raw`[\p{L}\p{N}\p{M}\p{Co}]`;
const word = new RegExp(`${letter}+`, "gv");

/** Of scripts that put no spaces between words. */
const scripts = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Tai_Tham}\p{Script=Tibetan}ー々〆]`;
const spaceless = `[${letter}&&${scripts}]`;
const character = new RegExp(spaceless, "gv");
/** Goes on over spaces and punctuation, as a phrase of words does. */
const run = new RegExp(`${spaceless}(?:[^${letter}]*${spaceless})*`, "gv");

/** One form for what looks the same: full width letters, composed accents. */
const normalise = (text: string): string => text.toWellFormed().replaceAll("\0", " ").normalize("NFKC");

const divide = (text: string): string => normalise(text).replace(character, " $& ");

/** One for each character, at its place; the last two of a run are shorter. */
function trigramsOf(chars: string): string[] {
  const characters = chars.match(character) ?? [];
  return characters.map((_, at) => characters.slice(at, at + 3).join(""));
}

const spread = (words: readonly string[]): string => ` ${words.join(" ")} `;

/**
 * A message for the index. With a trigram in the place of each character, a run of three and more is found as a phrase of
 * rare words, and one of one or two characters as the beginning of a word.
 */
export const indexText = (text: string): string => normalise(text).replace(run, (chars) => spread(trigramsOf(chars)));

/** Words for an FTS5 phrase. */
interface Phrase {
  words: string;
  /** The last one is the beginning of a word of the index. */
  isPrefix: boolean;
}

/** What is to stand in a message, as segments of this format have it. */
export function phraseOf(text: string, format: TextFormat): Phrase {
  if (format === "characters") return { words: divide(text), isPrefix: false };
  const whole = normalise(text);
  let isPrefix = false;
  const words = whole.replace(run, (chars, at: number) => {
    const trigrams = trigramsOf(chars);
    if (whole.slice(at + chars.length).search(word) >= 0) return spread(trigrams);
    // In a message the run may go on, so that the shorter ones at its end would not be there.
    isPrefix = trigrams.length < 3;
    return spread(trigrams.slice(0, Math.max(1, trigrams.length - 2)));
  });
  return { words, isPrefix };
}

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;
const mark = /\p{Mn}/u;

/** The words of a text, for counting: lower case and without accents, much as the index folds them. */
export function wordsOf(text: string): string[] {
  if (isAscii(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const folded = divide(text).toLowerCase().normalize("NFD");
  const words = folded.match(word) ?? [];
  return mark.test(folded) ? words.map((each) => each.replaceAll(/\p{Mn}/gu, "") || each) : words;
}
