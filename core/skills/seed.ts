/** The skills that Talaria ships: how they come into a profile's library, and what of its owner's they never touch. */
import { fatal, retryable } from "../base/errors.ts";
import { mainFile } from "./format.ts";
import { treeOf } from "./library.ts";
import type { SkillFile, SkillLibrary, SkillRecord } from "./skill.ts";

/** A skill as it is shipped. */
export interface BundledSkill {
  name: string;
  files: readonly SkillFile[];
}

/** Names of skills, by what became of them. */
export interface Seeded {
  /** New, or brought up to date. */
  seeded: string[];
  /** Left alone: changed, adopted or archived since, or another skill that has the same name. */
  kept: string[];
  /** The same as at the last deployment. */
  unchanged: string[];
}

/** Each costs a few writes; this many at once do not crowd out a gateway that starts beside it. */
const atOnce = 8;
const mostAttempts = 3;

/**
 * Brings the shipped skills into a library, which must have been opened for the actor `deployment`. What somebody changed
 * or adopted is never overwritten, and what was archived never comes back. A skill that is not shipped any more stays.
 */
export async function seed(library: SkillLibrary, bundled: readonly BundledSkill[]): Promise<Seeded> {
  const outcome: Seeded = { seeded: [], kept: [], unchanged: [] };
  const lists = await Promise.all([library.list(), library.list({ archived: true })]);
  const records = new Map(lists.flat().map((record) => [record.name, record]));
  for (let at = 0; at < bundled.length; at += atOnce)
    await Promise.all(
      bundled.slice(at, at + atOnce).map(async (skill) => {
        outcome[await seedOne(library, skill, records.get(skill.name))].push(skill.name);
      }),
    );
  return outcome;
}

async function seedOne(
  library: SkillLibrary,
  { name, files }: BundledSkill,
  known: SkillRecord | undefined,
): Promise<keyof Seeded> {
  const { revision } = treeOf(files);
  let current = known;
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    if (current && !isAsSeeded(current)) return "kept";
    if (current?.revision === revision) return "unchanged";
    const committed = await library.commit({
      name,
      files,
      version: current?.version ?? 0,
      reason: "Shipped with Talaria.",
    });
    if (committed.ok) return "seeded";
    const now = await library.find(name);
    // A person may have written or archived a skill of this name since the list was read.
    const isOvertaken = committed.conflict || now?.version !== current?.version;
    if (!isOvertaken)
      throw fatal(`The bundled skill ${name} cannot be seeded: ${committed.problem}`, { code: "skills.seed" });
    current = now;
  }
  throw retryable(`The bundled skill ${name} is being changed by somebody else.`, { code: "skills.seed" });
}

const isAsSeeded = ({ origin, state, revision, seededRevision }: SkillRecord): boolean =>
  origin === "bundled" && state !== "archived" && revision === seededRevision;

/** Sorts the files of the folder `skills`, with paths like `data/csv-data/SKILL.md`, into skills by name. */
export function bundledFrom(files: readonly SkillFile[]): BundledSkill[] {
  const skills = new Map<string, SkillFile[]>();
  const folders = new Map<string, string>();
  for (const { path, content } of files) {
    const [category, name, ...rest] = path.split("/");
    // Files beside the skills (a note for who writes them) are none of them.
    if (category === undefined || name === undefined || rest.length === 0) continue;
    const folder = folders.get(name) ?? category;
    if (folder !== category)
      throw fatal(`Two bundled skills are named ${name}: in ${folder} and in ${category}.`, { code: "skills.bundled" });
    folders.set(name, category);
    skills.set(name, [...(skills.get(name) ?? []), { path: rest.join("/"), content }]);
  }
  const bundled = [...skills].map(([name, own]) => ({ name, files: own }));
  const without = bundled.find((skill) => !skill.files.some(({ path }) => path === mainFile));
  if (without) throw fatal(`The bundled skill ${without.name} has no ${mainFile}.`, { code: "skills.bundled" });
  return bundled.sort((a, b) => (a.name < b.name ? -1 : 1));
}
