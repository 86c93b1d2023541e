import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fatal, refused } from "../../core/base/errors.ts";
import { bytesOfFile, isProgram } from "../../core/skills/format.ts";
import type { SkillLibrary } from "../../core/skills/skill.ts";
import { readTree } from "../../core/skills/tree.ts";

export interface SkillExport {
  name: string;
  /** Where the skill's own folder is made. */
  into: string;
}

/** What `skills export <name> [folder]` asks for; `undefined` for other words. */
export function exportAskedBy(words: readonly string[]): SkillExport | undefined {
  const [command, what, name, into = ".", ...more] = words;
  if (command?.replace(/^\//, "").toLowerCase() !== "skills" || what?.toLowerCase() !== "export") return undefined;
  if (name === undefined || more.length > 0 || [name, into].some((word) => word.startsWith("-")))
    throw refused("Say which skill, and where its folder is to be if not here: skills export <name> [folder].");
  return { name, into };
}

/** Writes the skill as a folder in the AgentSkills format, to the byte; what is to be run can be. Returns what was written. */
export async function exportSkill(library: SkillLibrary, { name, into }: SkillExport): Promise<string> {
  const record = await library.find(name);
  if (!record) throw refused(`There is no skill “${name}”: npm run talaria -- skills list.`);
  const folder = resolve(into, record.name);
  if (!isFree(folder)) throw refused(`${folder} is there already, and not an empty folder.`);
  const files = await readTree(library, record);
  // Under its own name only when it is whole: half a skill would look like one.
  const part = join(dirname(folder), `.${record.name}.part-${process.pid}`);
  try {
    for (const { path, content } of files) {
      const target = join(part, path);
      if (!target.startsWith(part + sep)) throw fatal(`The skill ${name} has a file outside its folder: ${path}.`);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytesOfFile(content), { flag: "wx", mode: isProgram({ path, content }) ? 0o777 : 0o666 });
    }
    renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return `${folder}: ${files.map(({ path }) => path).join(", ")}`;
}

const isFree = (folder: string): boolean =>
  !existsSync(folder) || (statSync(folder).isDirectory() && readdirSync(folder).length === 0);
