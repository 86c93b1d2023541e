import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { messageOf } from "../core/base/errors.ts";
import { bundledFrom, seed, type BundledSkill } from "../core/skills/seed.ts";
import { ok, warning, type Finding } from "./finding.ts";
import { openProfileSkills, type ProfileStorage } from "./profile-skills.ts";

const folder = join(import.meta.dirname, "../skills");

/** The skills that Talaria ships, from the folder `skills`. */
export function bundledSkills(): BundledSkill[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return bundledFrom(
    paths.map((path) => ({
      path: relative(folder, path).replaceAll(sep, "/"),
      content: readFileSync(path, "utf8"),
    })),
  );
}

/** Brings the shipped skills into a profile, by the rules of core/skills/seed.ts. */
export const seedSkills = (target: ProfileStorage) => seed(openProfileSkills(target, "deployment"), bundledSkills());

/** The same after a deployment, for the person who runs it. An agent without them works, so this fails nothing. */
export async function seedFinding(target: ProfileStorage): Promise<Finding> {
  try {
    const { seeded, kept, unchanged } = await seedSkills(target);
    const parts = [
      `${seeded.length} new or updated`,
      `${unchanged.length} as before`,
      ...(kept.length > 0 ? [`${kept.length} left as you changed them`] : []),
    ];
    return ok(`Skills: ${parts.join(", ")}`);
  } catch (error) {
    return warning("Skills: the shipped ones could not be put in", `${messageOf(error)} Run npm run deploy again.`);
  }
}
