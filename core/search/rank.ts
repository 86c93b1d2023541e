import type { IndexedMessage } from "./messages.ts";
import type { Term } from "./query.ts";
import { wordsOf } from "./words.ts";

/** BM25's usual constants (SQLite documentation, FTS5, "The bm25() function"). */
const k1 = 1.2;
const b = 0.75;

/** What is known of all segments together. */
export interface Corpus {
  messages: number;
  chars: number;
  /** For each term of the query, in order: messages in which it occurs. */
  counts: readonly number[];
}

function occurrences(words: readonly string[], term: Term): number {
  const [first] = term.words;
  const last = term.words.length - 1;
  const fits = (word: string | undefined, at: number) =>
    at === last && term.isPrefix ? word?.startsWith(term.words[at]!) : word === term.words[at];
  let count = 0;
  for (const [at, word] of words.entries()) {
    if (last > 0 && word !== first) continue;
    if (term.words.every((_, offset) => fits(words[at + offset], offset))) count += 1;
  }
  return count;
}

/**
 * How well a message fits. A segment ranks its own messages, but a word that is rare for the owner may be common in a
 * segment of three messages: so the best of each are ranked once more, by the figures of all.
 */
export function scoreOf(message: IndexedMessage, terms: readonly Term[], { messages, chars, counts }: Corpus): number {
  const words = wordsOf(message.text);
  const length = 1 - b + (b * message.text.length * messages) / Math.max(1, chars);
  const scores = terms.map((term, at) => {
    const count = counts[at] ?? 0;
    const rarity = Math.log(1 + (messages - count + 0.5) / (count + 0.5));
    const times = occurrences(words, term);
    return (rarity * times * (k1 + 1)) / (times + k1 * length);
  });
  return scores.reduce((sum, score) => sum + score, 0);
}

const excerptChars = 240;

/** The text around the first term that is in it. */
export function excerptOf(text: string, terms: readonly Term[]): string {
  const folded = text.toLowerCase();
  const places = terms.flatMap((term) =>
    [term.text, ...term.text.split(/[^\p{L}\p{N}\p{M}]+/u)]
      .filter((part) => part !== "")
      .map((part) => folded.indexOf(part.toLowerCase()))
      .filter((at) => at >= 0),
  );
  const middle = places.length === 0 ? 0 : Math.min(...places);
  const start = Math.max(0, Math.min(middle - excerptChars / 3, text.length - excerptChars));
  const shown = text
    .slice(start, start + excerptChars)
    .toWellFormed()
    .replaceAll(/\s+/g, " ");
  return `${start > 0 ? "… " : ""}${shown}${start + excerptChars < text.length ? " …" : ""}`;
}
