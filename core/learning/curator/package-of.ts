/** A skill as a package: its texts and its other files, read once for a question. */
import { mainFile, textOfFile } from "../../skills/format.ts";
import type { SkillFile, SkillLibrary, SkillRecord } from "../../skills/skill.ts";
import type { Basis, NextFile } from "../../store/proposals.ts";

export interface SkillPackage {
  record: SkillRecord;
  /** SKILL.md. */
  main: string;
}

/** `undefined` when SKILL.md cannot be read as text. */
export async function packageOf(skills: SkillLibrary, record: SkillRecord): Promise<SkillPackage | undefined> {
  const bytes = await skills.readFile(record, mainFile);
  const main = bytes && textOfFile(bytes);
  return main === undefined ? undefined : { record, main };
}

/** Paths of the files beside SKILL.md. */
export const supportOf = ({ files }: SkillRecord): string[] =>
  files.map(({ path }) => path).filter((path) => path !== mainFile);

/** Where a file of one skill lies in another: in the same kind of folder, under its old skill's name. */
export function rehomed(skill: string, path: string): string {
  const [folder = "", ...rest] = path.split("/");
  return rest.length === 0 || !/^(?:references|templates|scripts|assets|examples)$/.test(folder)
    ? `assets/${skill}/${path}`
    : `${folder}/${skill}/${rest.join("/")}`;
}

/** Reads the files of a proposal. */
export async function filesOf(skills: SkillLibrary, files: readonly NextFile[]): Promise<SkillFile[] | undefined> {
  const read: SkillFile[] = [];
  for (const file of files) {
    const content = "text" in file ? file.text : await skills.readFile(file.kept, file.kept.path);
    if (content === undefined) return undefined;
    read.push({ path: file.path, content });
  }
  return read;
}

/** The texts of all files of a skill; other bytes are left out. */
export async function textsOf(skills: SkillLibrary, record: SkillRecord): Promise<string[]> {
  const texts: string[] = [];
  for (const { path } of record.files) {
    const bytes = await skills.readFile(record, path);
    const text = bytes && textOfFile(bytes);
    if (text !== undefined) texts.push(text);
  }
  return texts;
}

/** A file that is carried over as it is. */
export const carried = (basis: Basis, from: string, to = from): NextFile => ({
  path: to,
  kept: { ...basis, path: from },
});
