/** How each skill does, with the numbers that say so. Pure; the report and the owner judge by it. */
import type { SkillRecord } from "../../skills/skill.ts";
import type { Overlap } from "./similarity.ts";
import { idleDaysOf, transitionDays } from "./transitions.ts";

/**
 * `used`: loaded into a prompt at least once. `reused after a patch`: every patch was followed by a use, so the patches
 * hold. `unproven patch`: patched and not used since. `loaded but unhelpful`: of the turns that loaded it, half or more
 * went wrong.
 * `never used`: nobody used it. `overlaps`: another skill says much of the same. `stale`: a month without anybody.
 */
export const verdicts = [
  "used",
  "reused after a patch",
  "unproven patch",
  "loaded but unhelpful",
  "never used",
  "overlaps",
  "stale",
] as const;
export type Verdict = (typeof verdicts)[number];

export interface Grade {
  name: string;
  origin: SkillRecord["origin"];
  state: SkillRecord["state"];
  verdicts: Verdict[];
  numbers: Pick<SkillRecord, "uses" | "views" | "unhelpful" | "patches" | "reusedPatches"> & { idleDays: number };
  /** The skills it overlaps with, the most alike first. */
  overlaps: { name: string; likeness: number }[];
}

/** A skill names at most so many that it overlaps with. */
const maxOverlaps = 5;

export function gradesOf(skills: readonly SkillRecord[], overlaps: readonly Overlap[], now: number): Grade[] {
  const near = neighboursOf(overlaps);
  return skills.map((skill) => gradeOf(skill, near.get(skill.name) ?? [], now));
}

function gradeOf(skill: SkillRecord, overlaps: Grade["overlaps"], now: number): Grade {
  const { name, origin, state, uses, views, unhelpful, patches, reusedPatches } = skill;
  const idleDays = idleDaysOf(skill, now);
  const holds: Record<Verdict, boolean> = {
    used: uses > 0,
    "reused after a patch": patches > 0 && reusedPatches >= patches,
    "unproven patch": patches > reusedPatches,
    "loaded but unhelpful": unhelpful > 0 && unhelpful * 2 >= uses,
    "never used": uses === 0,
    overlaps: overlaps.length > 0,
    stale: idleDays >= transitionDays.stale,
  };
  const numbers = { uses, views, unhelpful, patches, reusedPatches, idleDays };
  return { name, origin, state, verdicts: verdicts.filter((verdict) => holds[verdict]), numbers, overlaps };
}

function neighboursOf(overlaps: readonly Overlap[]): Map<string, Grade["overlaps"]> {
  const near = new Map<string, Grade["overlaps"]>();
  const add = (name: string, other: string, likeness: number) => {
    const known = near.get(name) ?? [];
    if (known.length < maxOverlaps) near.set(name, [...known, { name: other, likeness }]);
  };
  for (const { names, likeness } of overlaps) {
    add(names[0], names[1], likeness);
    add(names[1], names[0], likeness);
  }
  return near;
}

/** How many skills have each verdict. */
export const countVerdicts = (grades: readonly Grade[]): Record<Verdict, number> =>
  Object.fromEntries(
    verdicts.map((verdict) => [verdict, grades.filter((grade) => grade.verdicts.includes(verdict)).length]),
  ) as Record<Verdict, number>;
