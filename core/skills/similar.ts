/** Whether two skills are about the same thing, judged by the words of their names and descriptions. */
import type { SkillRecord } from "./skill.ts";

type Named = Pick<SkillRecord, "name" | "description">;

/** Words that say nothing about what a skill is for. */
const empty = new Set(
  "a an and are as at be by for from how if in into is it of on or so that the their them then this to use used using when with your you skill guide helper help tips notes basics".split(
    " ",
  ),
);

/** A crude stem, so that "reviews", "reviewing" and "reviewed" are one word. */
const stem = (word: string): string =>
  word.length > 4 ? word.replace(/(ations?|ings?|ies|ers?|ed|es|s|e|y)$/, "") : word;

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

/** How much of the smaller set the two share, and how much of both together: 0 to 1. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): { contained: number; jaccard: number } {
  const shared = [...a].filter((token) => b.has(token)).length;
  const smaller = Math.min(a.size, b.size);
  return { contained: smaller === 0 ? 0 : shared / smaller, jaccard: shared / Math.max(1, a.size + b.size - shared) };
}

/** The same words in the name, or most words of the descriptions: at these shares two skills are one. */
const sameName = 1;
const sameDescription = 0.6;
const sameBoth = 0.5;

/** From 0 to 1; 1 and above stands for "the same thing". */
export function likenessOf(a: Named, b: Named): number {
  const names = overlap(new Set(tokensOf(a.name)), new Set(tokensOf(b.name)));
  const descriptions = overlap(new Set(tokensOf(a.description)), new Set(tokensOf(b.description)));
  const together = overlap(
    new Set(tokensOf(`${a.name} ${a.description}`)),
    new Set(tokensOf(`${b.name} ${b.description}`)),
  );
  return Math.max(names.jaccard / sameName, descriptions.jaccard / sameDescription, together.jaccard / sameBoth);
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
