import type { ThreatScan } from "../guard/threats/rule.ts";
import { isOffered, type Surroundings } from "./offered.ts";
import { byName, rankSkills } from "./rank.ts";
import type { SkillRecord } from "./skill.ts";

/** As many entries as a prompt affords; beyond that the most relevant are shown. */
export const maxIndexed = 60;
const shownChars = 57;

export interface IndexOptions extends Surroundings {
  /**
   * What the session is about: the person's first message, which is all there is when the prompt is made. It is frozen
   * then, so a session that turns to another subject finds the skills that are left out by skills_list alone.
   */
  query?: string;
  /** By which a description is withheld. */
  threatIn: ThreatScan;
}

/** The description as the index shows it. */
export const shortDescription = (description: string): string => {
  const line = description.replace(/\s+/g, " ");
  return line.length <= shownChars ? line : `${line.slice(0, shownChars).trimEnd()}…`;
};

/** The prompt is no place for orders of others, whoever wrote them into a description. */
function honest(description: string, threatIn: ThreatScan): string {
  const threat = threatIn(description);
  return threat === undefined ? shortDescription(description) : `[withheld: it looks like ${threat}]`;
}

const lastNews = ({ createdAt, patchedAt, usedAt }: SkillRecord): number => Math.max(createdAt, patchedAt, usedAt);

/** Pinned first, then what fits the query, then what was used last; so a new session knows what the last one learnt. */
function mostRelevant(skills: readonly SkillRecord[], query: string): SkillRecord[] {
  const ranked = rankSkills(skills, query);
  const order = (a: (typeof ranked)[number], b: (typeof ranked)[number]) =>
    Number(b.skill.isPinned) - Number(a.skill.isPinned) ||
    b.score - a.score ||
    lastNews(b.skill) - lastNews(a.skill) ||
    byName(a.skill, b.skill);
  return ranked
    .sort(order)
    .slice(0, maxIndexed)
    .map(({ skill }) => skill);
}

/**
 * The block of the system prompt that says which skills there are; "" when there are none. The same records and query
 * give the same text.
 */
export function skillIndex(skills: readonly SkillRecord[], { query = "", threatIn, ...here }: IndexOptions): string {
  const offered = skills.filter((skill) => isOffered(skill, here)).sort(byName);
  if (offered.length === 0) return "";
  const shown = offered.length <= maxIndexed ? offered : mostRelevant(offered, query).sort(byName);
  const categories = [...new Set(shown.map(({ category }) => category))].sort();
  const lines = categories.flatMap((category) => [
    `${category}:`,
    ...shown
      .filter((skill) => skill.category === category)
      .map(({ name, description }) => `- ${name}: ${honest(description, threatIn)}`),
  ]);
  const left = offered.length - shown.length;
  const rest = left > 0 ? `\n(${left} more: skills_list)` : "";
  return `${guidance}\n${lines.join("\n")}${rest}`;
}

const guidance = `# Skills
How to do kinds of tasks well, learnt before. Read this list before you answer; when one clearly fits, load it with skill_view and follow it. When a skill proves wrong or incomplete, patch it at once with skill_manage.`;
