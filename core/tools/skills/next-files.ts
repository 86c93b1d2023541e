/** What skill_manage makes of a skill's files. */
import { isSkillName, mainFile, parseSkill, problemOfPath, textOfFile } from "../../skills/format.ts";
import type { SkillFile } from "../../skills/skill.ts";
import { replaceText } from "../files/replace-text.ts";

export interface FileAction {
  action: "create" | "edit" | "patch" | "write_file" | "remove_file";
  content?: string | undefined;
  old_string?: string | undefined;
  new_string?: string | undefined;
  replace_all?: boolean | undefined;
  category?: string | undefined;
  file_path?: string | undefined;
  file_content?: string | undefined;
}

export type NextFiles = { files: SkillFile[]; notes: string[] } | { error: string };

/** The files after the action, whole; `before` is empty for a new skill. Untouched files keep their bytes. */
export function nextFiles(before: readonly SkillFile[], given: FileAction): NextFiles {
  switch (given.action) {
    case "create":
      return created(given);
    case "edit":
      if (!given.content) return { error: `content is missing: the whole new ${mainFile}.` };
      return { files: put(before, mainFile, given.content), notes: [] };
    case "patch":
      return patched(before, given);
    case "write_file":
      return written(before, given);
    case "remove_file":
      return removed(before, given);
  }
}

const put = (files: readonly SkillFile[], path: string, content: string): SkillFile[] => [
  ...files.filter((file) => file.path !== path),
  { path, content },
];

/** A category that is given but not written gets its line in the front matter. */
function created({ content, category }: FileAction): NextFiles {
  if (!content)
    return { error: `content is missing: the whole ${mainFile}, with front matter (name, description) and steps.` };
  const parsed = parseSkill(content);
  if (category === undefined || !parsed.ok || parsed.facts.category === category)
    return { files: [{ path: mainFile, content }], notes: [] };
  if (!isSkillName(category)) return { error: `"${category}" is no category: one word.` };
  if (/^metadata\s*:/m.test(content))
    return {
      files: [{ path: mainFile, content }],
      notes: [`The category stays "${parsed.facts.category}", as metadata says.`],
    };
  const withCategory = content.replace(
    /^---[ \t]*\r?\n/,
    (line) => `${line}metadata:\n  talaria:\n    category: "${category}"\n`,
  );
  return { files: [{ path: mainFile, content: withCategory }], notes: [] };
}

function patched(before: readonly SkillFile[], given: FileAction): NextFiles {
  const { file_path: path = mainFile, old_string: wanted, new_string: replacement, replace_all: all = false } = given;
  if (!wanted || replacement === undefined) return { error: "old_string and new_string are needed." };
  const file = before.find((each) => each.path === path);
  if (file === undefined) return { error: `There is no file ${path}.` };
  const text = textOfFile(file.content);
  if (text === undefined) return { error: `${path} is not text.` };
  const outcome = replaceText(text, { wanted, replacement, all });
  if (outcome.status === "missing") return { error: `old_string is not in ${path}. Read it with skill_view.` };
  if (outcome.status === "ambiguous")
    return {
      error: `old_string is in ${path} at lines ${outcome.lines.join(", ")}: use a longer one, or replace_all.`,
    };
  return { files: put(before, path, outcome.text), notes: outcome.note === undefined ? [] : [outcome.note] };
}

function written(before: readonly SkillFile[], { file_path: path, file_content: content }: FileAction): NextFiles {
  if (path === undefined || content === undefined) return { error: "file_path and file_content are needed." };
  if (path === mainFile) return { error: `Use edit or patch for ${mainFile}.` };
  const problem = problemOfPath(path);
  return problem === undefined
    ? { files: put(before, path, content), notes: pointerNotes(before, path) }
    : { error: problem };
}

/** A file that the instructions do not name is never read. */
function pointerNotes(files: readonly SkillFile[], path: string): string[] {
  const main = textOfFile(files.find((file) => file.path === mainFile)?.content ?? "") ?? "";
  return main.includes(path) ? [] : [`${mainFile} does not mention ${path} yet: patch in when to read it.`];
}

function removed(before: readonly SkillFile[], { file_path: path }: FileAction): NextFiles {
  if (path === undefined || path === mainFile) return { error: `file_path must name a file other than ${mainFile}.` };
  if (!before.some((file) => file.path === path)) return { error: `There is no file ${path}.` };
  return { files: before.filter((file) => file.path !== path), notes: [] };
}
