import { fatal } from "../base/errors.ts";
import type { SkillFile, SkillLibrary, SkillRecord } from "./skill.ts";

const atOnce = 8;

/** All files of the current revision, to the byte: to make the next one of them, or to export them as a folder. */
export async function readTree(library: Pick<SkillLibrary, "readFile">, record: SkillRecord): Promise<SkillFile[]> {
  const files: SkillFile[] = [];
  for (let at = 0; at < record.files.length; at += atOnce) {
    const batch = record.files.slice(at, at + atOnce);
    files.push(...(await Promise.all(batch.map(async ({ path }) => readOne(library, record, path)))));
  }
  return files;
}

async function readOne(library: Pick<SkillLibrary, "readFile">, record: SkillRecord, path: string): Promise<SkillFile> {
  const content = await library.readFile(record, path);
  if (content === undefined) throw fatal(`The skill ${record.name} has lost ${path}.`, { code: "skill.lost" });
  return { path, content };
}
