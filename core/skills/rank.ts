/**
 * Skills by how well they fit a text: BM25 over name, category and description. Deterministic. It knows words, no meanings:
 * a question in one language finds no skill that is described in another.
 */
import { tokensOf } from "./similar.ts";
import type { SkillRecord } from "./skill.ts";

/** The usual constants (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009). */
const saturation = 1.2;
const lengthWeight = 0.75;
/** A word of the name counts as often as this. */
const nameWeight = 3;

/** Scripts whose words no space parts, and Korean, whose words take many endings. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30FC]+/gu;
/** The endings of German, which the stems of English leave. */
const germanEnding = /(?:ern|en|em|n)$/;
const shortestStemmed = 6;

/** Two characters at a time: most words are in there whole. For 5,000 descriptions 15 ms, where Intl.Segmenter takes 100. */
function pairsOf(run: string): string[] {
  const letters = Array.from(run);
  return letters.length === 1 ? letters : letters.slice(1).map((letter, at) => `${letters[at]}${letter}`);
}

/** What a text is ranked by. Accents go, so that what is left of a syllable is put together again. */
function termsOf(text: string): string[] {
  const hasUnspaced = text.search(unspaced) >= 0;
  const parted = hasUnspaced ? text.normalize("NFC").replaceAll(unspaced, " $& ") : text;
  return tokensOf(parted).flatMap((token) => {
    if (hasUnspaced && token.search(unspaced) >= 0) return pairsOf(token.normalize("NFC"));
    return token.length < shortestStemmed ? [token] : [token.replace(germanEnding, "")];
  });
}

type Ranked = Pick<SkillRecord, "name" | "description" | "category">;

const wordsOf = ({ name, description, category }: Ranked): string[] => {
  const names = termsOf(name);
  return [...Array.from({ length: nameWeight }, () => names).flat(), ...termsOf(category), ...termsOf(description)];
};

/** Every skill with its score, best first; those of one score by name. A skill with none of the words has 0. */
export function rankSkills<Skill extends Ranked>(
  skills: readonly Skill[],
  query: string,
): { skill: Skill; score: number }[] {
  const wanted = new Set(termsOf(query));
  const documents = skills.map((skill) => ({ skill, words: wordsOf(skill) }));
  const meanLength = documents.reduce((sum, { words }) => sum + words.length, 0) / Math.max(1, documents.length);
  const holders = new Map<string, number>();
  for (const { words } of documents) {
    for (const word of new Set(words)) if (wanted.has(word)) holders.set(word, (holders.get(word) ?? 0) + 1);
  }
  const weightOf = (word: string) => {
    const held = holders.get(word) ?? 0;
    return Math.log(1 + (documents.length - held + 0.5) / (held + 0.5));
  };
  const scored = documents.map(({ skill, words }) => {
    const norm = saturation * (1 - lengthWeight + (lengthWeight * words.length) / Math.max(1, meanLength));
    let score = 0;
    for (const word of wanted) {
      const often = words.filter((each) => each === word).length;
      if (often > 0) score += (weightOf(word) * often * (saturation + 1)) / (often + norm);
    }
    return { skill, score };
  });
  return scored.sort((a, b) => b.score - a.score || byName(a.skill, b.skill));
}

export const byName = (a: Pick<SkillRecord, "name">, b: Pick<SkillRecord, "name">): number => {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
};
