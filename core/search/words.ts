/** Text as the index sees it, for messages and for queries. */

/**
 * What is a word in scripts without spaces: in the oldest segments each character, later the trigram that begins with it,
 * now both, in columns of their own. The place in this list is the `user_version` of a segment's file.
 */
export const textFormats = ["characters", "trigrams", "both"] as const;
export type TextFormat = (typeof textFormats)[number];

/** What the tokenizer of the index (schema.ts) keeps: letters, numbers, marks. */
const letter = String.raw`[\p{L}\p{N}\p{M}\p{Co}]`;
const word = new RegExp(`${letter}+`, "gv");

/** Of scripts that put no spaces between words. */
const scripts = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Tai_Tham}\p{Script=Tibetan}ー々〆]`;
const spaceless = `[${letter}&&${scripts}]`;
const character = new RegExp(spaceless, "gv");
/** With no word around it. */
const oneCharacter = new RegExp(`^[^${letter}]*${spaceless}[^${letter}]*$`, "v");
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
 * rare words, and one of two characters as the beginning of a word.
 */
export const indexText = (text: string): string => normalise(text).replace(run, (chars) => spread(trigramsOf(chars)));

/**
 * Its characters of scripts without spaces, as words: one alone begins so many trigrams that it is looked for here. Each as
 * often as it is there, for ranking. Nothing else is found in them: whatever is not one character has a longer word.
 */
export const indexCharacters = (text: string): string => (normalise(text).match(character) ?? []).join(" ");

/** Words for an FTS5 phrase. */
interface Phrase {
  words: string;
  /** The last one is the beginning of a word of the index. */
  isPrefix: boolean;
}

/** What is to stand in a message, as segments of this format have it. */
export function phraseOf({ words: text, isPrefix }: Phrase, format: TextFormat): Phrase {
  if (format === "characters") return { words: divide(text), isPrefix };
  // A character's word ends with it, so that there is nothing to go on.
  if (format === "both" && oneCharacter.test(normalise(text))) return { words: divide(text), isPrefix: false };
  const { words, isCut } = trigramPhraseOf(normalise(text));
  return { words, isPrefix: isPrefix || isCut };
}

function trigramPhraseOf(text: string): { words: string; isCut: boolean } {
  let isCut = false;
  const words = text.replace(run, (chars, at: number) => {
    const trigrams = trigramsOf(chars);
    if (text.slice(at + chars.length).search(word) >= 0) return spread(trigrams);
    // In a message the run may go on, so that the shorter ones at its end would not be there.
    isCut = trigrams.length < 3;
    return spread(trigrams.slice(0, Math.max(1, trigrams.length - 2)));
  });
  return { words, isCut };
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
