import type { SkillRecord } from "./skill.ts";

/** What an agent can do in a session, by which skills are offered or not. */
export interface Surroundings {
  tools: readonly string[];
  toolsets: readonly string[];
}

/**
 * Whether a skill is of use here: what it requires is there, and what it stands in for is not. A skill that stands in
 * for several tools is offered while any of them is missing.
 */
export function isOffered(
  { conditions, state }: Pick<SkillRecord, "conditions" | "state">,
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
  return state !== "archived" && hasRequired && isNeeded;
}
