/** Whether two skills are about the same thing, judged by the words of their names and descriptions. */
import type { SkillRecord } from "./skill.ts";

type Named = Pick<SkillRecord, "name" | "description">;

/** Words that say nothing about what a skill is for. */
const empty = new Set(
  "a an and are as at be by for from how if in into is it of on or so that the their them then this to use used using when with your you skill guide helper help tips notes basics".split(
    " ",
  ),
);

/** Endings that come off when four letters stay, and those for which three are enough, if one is a vowel. */
const ending =
  /(?<=.{4})(?:at(?:ions?|ors?|ing|ed|es?)|ments?|i[sz](?:e[drs]?|ing)|is|ers?)$|(?<=.{3})(?<=[aeiouy].*)(?:(?<=at)ions?|ings?|ed|ies|es|(?<!s)s|e|y)$/;

/** A crude stem, so that "plans", "planned" and "planning" are one word, and "migrate" and "migrations". */
function stem(word: string): string {
  const shorter = word.replace(ending, "").replace(/(?<=..)([b-df-hjkm-npqrtvwx])\1$/, "$1");
  return shorter === word ? word : stem(shorter);
}

/** Without accents; most texts have none, and that is soon seen. */
const withoutAccents = (text: string): string =>
  /[^ -~\s]/.test(text) ? text.normalize("NFKD").replace(/\p{M}/gu, "") : text;

/** Words without case, accents, punctuation and endings; words that say nothing are left out. */
export const tokensOf = (text: string): string[] =>
  (
    withoutAccents(text)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
    .filter((word) => !empty.has(word))
    .map(stem);

/** The share of all their words that the two have in common: 0 to 1. */
function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared / Math.max(1, a.size + b.size - shared);
}

/** The same words in the name, or most words of the descriptions: at these shares two skills are one. */
const sameName = 1;
const sameDescription = 0.6;
const sameBoth = 0.5;

/** What a skill says that it is not about would make it look like its neighbour. */
const withoutContrast = (description: string): string =>
  description.replaceAll(/\b(?:not|unlike|except|instead of|rather than)\b[^,.;)]*/gi, "");

interface Words {
  name: ReadonlySet<string>;
  description: ReadonlySet<string>;
}

const wordsOf = ({ name, description }: Named): Words => ({
  name: new Set(tokensOf(name)),
  description: new Set(tokensOf(withoutContrast(description))),
});

const allOf = ({ name, description }: Words): Set<string> => new Set([...name, ...description]);

/**
 * Neighbours, not repetitions: each name has a word for something that the other skill never mentions (deploy-frontend,
 * deploy-backend). They share the rest of their names, or each description confirms its word (slack-notices,
 * telegram-alerts); other words of one's own may just be another name for the same.
 */
function areNeighbours(a: Words, b: Words): boolean {
  const ownOf = (one: Words, other: Words) =>
    [...one.name].filter((word) => !other.name.has(word) && !other.description.has(word));
  const [own, others] = [ownOf(a, b), ownOf(b, a)];
  if (own.length === 0 || others.length === 0) return false;
  const isShared = [...a.name].some((word) => b.name.has(word));
  return isShared || (own.some((word) => a.description.has(word)) && others.some((word) => b.description.has(word)));
}

/** From 0 to 1; 1 and above stands for "the same thing". */
export function likenessOf(a: Named, b: Named): number {
  const [own, other] = [wordsOf(a), wordsOf(b)];
  if (areNeighbours(own, other)) return 0;
  const together = jaccard(allOf(own), allOf(other));
  return Math.max(
    jaccard(own.name, other.name) / sameName,
    jaccard(own.description, other.description) / sameDescription,
    together / sameBoth,
  );
}

/** The skill that a new one would repeat, if there is one. */
export function nearDuplicate<Skill extends Named>(wanted: Named, skills: readonly Skill[]): Skill | undefined {
  let best: { skill: Skill; likeness: number } | undefined;
  for (const skill of skills) {
    const likeness = likenessOf(wanted, skill);
    if (likeness >= 1 && likeness > (best?.likeness ?? 0)) best = { skill, likeness };
  }
  return best?.skill;
}
