import type { SkillRecord } from "./skill.ts";

/** What an agent can do in a session, by which skills are offered or not. */
export interface Surroundings {
  tools: readonly string[];
  toolsets: readonly string[];
}

/** Every shell is a Linux. A skill that names no operating system is for all of them. */
export const runsHere = ({ platforms = [] }: Pick<SkillRecord, "platforms">): boolean =>
  platforms.length === 0 || platforms.includes("linux");

/** Variables that a skill needs and that commands do not find. */
export const missingFor = (
  { requiredEnvironment }: Pick<SkillRecord, "requiredEnvironment">,
  passed: readonly string[],
): string[] => requiredEnvironment.filter((name) => !passed.includes(name));

/** For whoever set this agent up; nobody else can. */
export const howToPass =
  "its operator adds the names to passthrough in agent.config.ts, and the values to .env or the secrets of the deployment.";

/**
 * Whether a skill is of use here: its commands run on Linux, what it requires is there, and what it stands in for is
 * not. A skill that stands in for several tools is offered while any of them is missing.
 */
export function isOffered(
  { conditions, state, platforms }: Pick<SkillRecord, "conditions" | "state" | "platforms">,
  { tools, toolsets }: Surroundings,
): boolean {
  const { requiresTools, requiresToolsets, fallbackForTools, fallbackForToolsets } = conditions;
  const hasRequired =
    requiresTools.every((name) => tools.includes(name)) && requiresToolsets.every((name) => toolsets.includes(name));
  const standsIn = [
    ...fallbackForTools.map((name) => tools.includes(name)),
    ...fallbackForToolsets.map((name) => toolsets.includes(name)),
  ];
  const isNeeded = standsIn.length === 0 || standsIn.includes(false);
  return state !== "archived" && runsHere({ platforms }) && hasRequired && isNeeded;
}
