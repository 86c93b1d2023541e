/** Text as the index sees it, for messages and for queries alike. */

/**
 * Scripts that put no spaces between words. Each of their characters is a word of the index and a word of a query is a
 * phrase of them, so that every part of a text is found, also one of one or two characters (which a trigram index misses).
 */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tai_Le}\p{Script=New_Tai_Lue}\p{Script=Tai_Tham}\p{Script=Tibetan}ー々〆]/gu;

/** What the tokenizer of the index (segment.ts) keeps: letters, numbers, marks. */
const word = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** One form for what looks the same (full width letters, composed accents), characters without spaces divided. */
export const indexText = (text: string): string =>
  text.toWellFormed().replaceAll("\0", " ").normalize("NFKC").replace(spaceless, " $& ");

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

/** The words of a text, for counting: lower case and without accents, much as the index folds them. */
export function wordsOf(text: string): string[] {
  if (isAscii(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const words = indexText(text).toLowerCase().match(word) ?? [];
  return words.map((each) => each.normalize("NFD").replaceAll(/\p{Mn}/gu, "") || each);
}
