import { threatIn } from "./threats.ts";

export type Target = "memory" | "user";

/** Of the entries joined, in characters: what a session's system prompt can afford. */
export const notebookLimits: Record<Target, number> = { memory: 2_200, user: 1_375 };

export const entrySeparator = "\n§\n";

export const notebookSize = (entries: readonly string[]): number => entries.join(entrySeparator).length;

/** For example "45% (990/2,200 chars)". */
export function usageOf(target: Target, entries: readonly string[]): string {
  const size = notebookSize(entries);
  const limit = notebookLimits[target];
  return `${Math.round((100 * size) / limit)}% (${size.toLocaleString("en")}/${limit.toLocaleString("en")} chars)`;
}

const titles: Record<Target, string> = {
  memory: "MEMORY (your personal notes)",
  user: "USER PROFILE (who the user is)",
};
const rule = "═".repeat(24);

/**
 * A notebook as a block of the system prompt; "" when it is empty. An entry that looks like an attack is left in the
 * store, where it can be removed, but the model sees only that it is there.
 */
export function renderNotebook(target: Target, entries: readonly string[]): string {
  if (entries.length === 0) return "";
  const shown = entries.map((entry) => {
    const threat = threatIn(entry);
    return threat === undefined ? entry : `[BLOCKED: this entry looks like ${threat}; remove it]`;
  });
  return [rule, `${titles[target]} ${usageOf(target, entries)}`, rule, shown.join(entrySeparator)].join("\n");
}
