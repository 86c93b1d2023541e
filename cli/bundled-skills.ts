import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { systemClock } from "../core/base/clock.ts";
import { messageOf } from "../core/base/errors.ts";
import { bundledFrom, seed, type BundledSkill } from "../core/skills/seed.ts";
import { openBlobs } from "../core/store/blobs.ts";
import { dynamoDbSdk } from "../core/store/dynamodb-sdk.ts";
import { openLedger } from "../core/store/ledger.ts";
import { openSkillLibrary } from "../core/store/skills.ts";
import { openTable } from "../core/store/table.ts";
import { ok, warning, type Finding } from "./finding.ts";

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

export interface SeedTarget {
  table: string;
  bucket: string;
  profile: string;
}

/** Brings the shipped skills into a profile, by the rules of core/skills/seed.ts. */
export function seedSkills({ table: name, bucket, profile }: SeedTarget) {
  const now = () => systemClock.now();
  const table = openTable(name, dynamoDbSdk());
  const ledger = openLedger(table, profile, now);
  const library = openSkillLibrary({ table, blobs: openBlobs(bucket), ledger, profile, actor: "deployment", now });
  return seed(library, bundledSkills());
}

/** The same after a deployment, for the person who runs it. An agent without them works, so this fails nothing. */
export async function seedFinding(target: SeedTarget): Promise<Finding> {
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
