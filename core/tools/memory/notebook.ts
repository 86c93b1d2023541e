import { entrySeparator, type Target, usageOf } from "../../memory/limits.ts";
import type { ThreatScan } from "../../guard/threats/rule.ts";

const titles: Record<Target, string> = {
  memory: "MEMORY (your personal notes)",
  user: "USER PROFILE (who the user is)",
};
const rule = "═".repeat(24);

/**
 * A notebook as a block of the system prompt; "" when it is empty. An entry that looks like an attack is left in the
 * store, where it can be removed, but the model sees only that it is there.
 */
export function renderNotebook(target: Target, entries: readonly string[], threatIn: ThreatScan): string {
  if (entries.length === 0) return "";
  const shown = entries.map((entry) => {
    const threat = threatIn(entry);
    return threat === undefined ? entry : `[BLOCKED: this entry looks like ${threat}; remove it]`;
  });
  return [rule, `${titles[target]} ${usageOf(target, entries)}`, rule, shown.join(entrySeparator)].join("\n");
}
