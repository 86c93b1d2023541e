/** What time alone makes of a skill: the curator's rules without a model. Pure. */
import { stateInUseOf } from "../../skills/library.ts";
import type { SkillRecord } from "../../skills/skill.ts";

export const dayMs = 24 * 3_600_000;
/** Days without use, view or patch after which a skill is stale, and then archived. */
export const transitionDays = { stale: 30, archived: 90 } as const;

export interface TransitionRules {
  now: number;
  /** Bundled skills become stale and are archived like learnt ones. */
  pruneBundled: boolean;
  /** Names that a cron job refers to, paused or not: they are left alone. */
  referenced: ReadonlySet<string>;
}

export interface Transition {
  name: string;
  from: SkillRecord["state"];
  to: SkillRecord["state"];
  /** Whole days since anybody had to do with it. */
  idleDays: number;
  /** One sentence for the ledger and the report. */
  reason: string;
}

/** When anybody last had to do with a skill, or brought it back; of one that nobody touched, when it was made. */
export const anchorOf = ({ usedAt, viewedAt, patchedAt, restoredAt = 0, createdAt }: SkillRecord): number =>
  Math.max(usedAt, viewedAt, patchedAt, restoredAt) || createdAt;

export const idleDaysOf = (skill: SkillRecord, now: number): number =>
  Math.max(0, Math.floor((now - anchorOf(skill)) / dayMs));

/** Whether the curator may touch a skill at all: only what the agent learnt by itself, and bundled ones if it was told so. */
export function isCurated(skill: SkillRecord, { pruneBundled, referenced }: Omit<TransitionRules, "now">): boolean {
  const isOurs = skill.origin === "learnt" || (skill.origin === "bundled" && pruneBundled);
  return isOurs && !skill.isPinned && !referenced.has(skill.name);
}

/** The state that a skill should be in; `undefined` when it is in it, or is none of the curator's business. */
export function transitionOf(skill: SkillRecord, rules: TransitionRules): Transition | undefined {
  // What is archived comes back by a person only.
  if (skill.state === "archived" || !isCurated(skill, rules)) return undefined;
  const idleDays = idleDaysOf(skill, rules.now);
  const to = stateAfter(skill, idleDays, rules.now);
  return to === skill.state
    ? undefined
    : { name: skill.name, from: skill.state, to, idleDays, reason: reasonOf(to, idleDays) };
}

function stateAfter(skill: SkillRecord, idleDays: number, now: number): SkillRecord["state"] {
  const isUntried = skill.uses === 0;
  const isYoung = now - skill.createdAt < transitionDays.stale * dayMs;
  // It had no chance yet.
  if (isUntried && isYoung) return skill.state;
  if (idleDays >= transitionDays.archived) return "archived";
  if (idleDays >= transitionDays.stale) return "stale";
  if (skill.state !== "stale") return skill.state;
  // Somebody came back to it.
  return stateInUseOf(skill);
}

const reasonOf = (to: SkillRecord["state"], idleDays: number): string =>
  to === "stale" || to === "archived"
    ? `Nobody used, viewed or changed it for ${idleDays} days.`
    : "It is in use again.";
