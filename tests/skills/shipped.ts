/** The skills in the folder `skills`, as the deployment reads them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type BundledSkill, bundledFrom } from "../../core/skills/seed.ts";

export const skillsFolder = join(import.meta.dirname, "../../skills");

const paths = readdirSync(skillsFolder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

export const shippedFiles = paths.map((path) => ({
  path: path.slice(skillsFolder.length + 1).replaceAll("\\", "/"),
  content: readFileSync(path, "utf8"),
}));

export const shipped: BundledSkill[] = bundledFrom(shippedFiles);

export const tryPath = "scripts/try.sh";

export const contentOf = (skill: BundledSkill, path: string): string =>
  String(skill.files.find((file) => file.path === path)?.content ?? "");
