import * as z from "zod";
import type { Json } from "../base/json.ts";
import { mainFile, textOfFile } from "../skills/format.ts";
import { sayFinding, scanSkill } from "../skills/scan.ts";
import type { Committed, SkillFile, SkillLibrary, SkillRecord } from "../skills/skill.ts";
import { readTree } from "../skills/tree.ts";
import { type FileAction, nextFiles } from "./skills/next-files.ts";
import { defineTool } from "./tool.ts";

const input = z.object({
  action: z.enum(["create", "patch", "edit", "write_file", "remove_file", "archive", "restore"]),
  name: z.string().describe("Lower-case-with-hyphens; a class of tasks"),
  content: z.string().optional().describe(`create, edit: the whole ${mainFile}`),
  old_string: z.string().optional().describe("patch"),
  new_string: z.string().optional().describe("patch"),
  replace_all: z.boolean().optional(),
  category: z.string().optional().describe("create"),
  file_path: z
    .string()
    .optional()
    .describe(
      `patch (default ${mainFile}), write_file, remove_file: references/, templates/, scripts/, assets/, examples/`,
    ),
  file_content: z.string().optional().describe("write_file"),
  absorbed_into: z.string().optional().describe("archive: the skill that took it over"),
  reason: z.string().optional().describe("One sentence"),
});
type Input = z.infer<typeof input>;

export const skillManage = defineTool({
  name: "skill_manage",
  toolset: "skills",
  description:
    "Keep skills: write down how a kind of task is done well, and patch what proved wrong. Prefer patching an existing skill. " +
    "Front matter: name, description (when to use it, 60 characters).",
  input,
  effect: "write",
  touches: ({ name }) => [`skill:${name}`],
  async run({ action, name, ...given }, { skills }) {
    if (action === "archive" || action === "restore") return mark(skills, { action, name, ...given });
    return change(skills, { ...given, action, name });
  },
});

async function mark(skills: SkillLibrary, { action, name, reason, absorbed_into: absorbedInto }: Input): Promise<Json> {
  const isArchiving = action === "archive";
  const why = {
    reason: reason ?? (isArchiving ? "archived" : "brought back"),
    ...(absorbedInto !== undefined && { absorbedInto }),
  };
  const marked = await skills.mark(name, { state: isArchiving ? "archived" : "restored" }, why);
  return marked.ok ? { success: true, name, state: marked.record.state } : failure(marked);
}

async function change(skills: SkillLibrary, given: FileAction & Pick<Input, "name" | "reason">): Promise<Json> {
  const { name, action } = given;
  const current = await skills.find(name);
  if (action !== "create" && current === undefined)
    return { error: `There is no skill ${name}: create it, or see skills_list.` };
  const before = current && action !== "create" ? await readTree(skills, current) : [];
  const next = nextFiles(before, given);
  if ("error" in next) return next;
  const committed = await skills.commit({
    name,
    files: next.files,
    version: action === "create" ? 0 : (current?.version ?? 0),
    reason: given.reason ?? `${action}${given.file_path === undefined ? "" : ` ${given.file_path}`}`,
  });
  if (!committed.ok) return failure(committed);
  return success(committed.record, current, [...next.notes, ...findingsOf(before, next.files)]);
}

function success(record: SkillRecord, before: SkillRecord | undefined, notes: string[]): Json {
  const { name, revision, state, description } = record;
  const isLong = before === undefined && description.length > 60;
  const all = isLong ? [...notes, "The description is over 60 characters: the list cuts it."] : notes;
  return {
    success: true,
    name,
    revision,
    ...(state !== "active" && { state }),
    ...(record.revision === before?.revision && { note: "Nothing changed." }),
    ...(all.length > 0 && { notes: all }),
  };
}

/** What the scan says of the files that changed. */
function findingsOf(before: readonly SkillFile[], files: readonly SkillFile[]): string[] {
  const textOf = (file: SkillFile | undefined) => file && textOfFile(file.content);
  const changed = files.filter((file) => textOf(before.find(({ path }) => path === file.path)) !== textOf(file));
  return scanSkill(changed).findings.map((finding) => `Check: ${sayFinding(finding)}.`);
}

function failure(committed: Exclude<Committed, { ok: true }>): Json {
  if (committed.conflict)
    return { error: "Somebody else changed this skill at the same time. Read it again with skill_view, then decide." };
  const { problem, adoptable } = committed;
  return { error: problem, ...(adoptable !== undefined && { adoptable }) };
}
