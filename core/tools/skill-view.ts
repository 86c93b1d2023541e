import * as z from "zod";
import type { Json } from "../base/json.ts";
import { isProgram, mainFile, parseSkill, textOfFile } from "../skills/format.ts";
import { howToPass, missingFor } from "../skills/offered.ts";
import { rankSkills } from "../skills/rank.ts";
import type { SkillRecord } from "../skills/skill.ts";
import { beforeWriting } from "./files/before-writing.ts";
import { replaceFile } from "./files/replace-file.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const input = z.object({
  name: z.string().describe("Of the skill"),
  file_path: z.string().optional().describe(`A file of it; default ${mainFile}`),
  save_to: z.string().optional().describe("A path in the workspace: the file is written there, not shown"),
});

export const skillView = defineTool({
  name: "skill_view",
  toolset: "skills",
  description:
    "Load a skill's instructions, or a file that they link; or save such a file, a script say, with save_to.",
  input,
  effect: "read",
  effectOf: ({ save_to: target }) => (target === undefined ? "read" : "write"),
  keepsResultWhole: true,
  async run({ name, file_path: path = mainFile, save_to: target }, context) {
    const { skills, passed } = context;
    const record = await skills.find(name);
    if (record === undefined)
      return { error: `There is no skill ${name}.`, near: nearNames(await skills.list(), name) };
    const bytes = await skills.readFile(record, path);
    if (bytes === undefined) return { error: `${name} has no file ${path}.`, files: pathsOf(record) };
    if (target !== undefined) return save({ name, path, bytes, target }, context);
    await skills.count(name, path === mainFile ? "use" : "view");
    const text = textOfFile(bytes);
    if (text === undefined)
      return { name, file: path, bytes: bytes.length, note: "Not text: it cannot be shown, only saved with save_to." };
    return path === mainFile
      ? { ...overview(record, text, passed), content: text }
      : { name, file: path, content: text };
  },
});

interface Saving {
  name: string;
  path: string;
  bytes: Uint8Array;
  target: string;
}

/** Writes the file into the workspace to the byte, under the rules of write_file. Where no command runs there is none. */
async function save({ name, path, bytes, target }: Saving, context: ToolContext): Promise<Json> {
  const before = await beforeWriting(context, "skill_view", [target]);
  if ("error" in before) return before;
  const runs = isProgram({ path, content: bytes });
  const outcome = await replaceFile(context, target, bytes, { isProgram: runs });
  if ("error" in outcome) return outcome;
  await context.skills.count(name, "view");
  const saved = { name, file: path, saved_to: target, created: outcome.created, bytes: bytes.length };
  return { ...saved, ...(runs && { executable: true }), ...before.told };
}

const pathsOf = ({ files }: SkillRecord): string[] => files.map(({ path }) => path).filter((path) => path !== mainFile);

const nearNames = (all: readonly SkillRecord[], name: string): string[] =>
  rankSkills(all, name)
    .filter(({ score }) => score > 0)
    .slice(0, 5)
    .map(({ skill }) => skill.name);

function overview(record: SkillRecord, text: string, passed: readonly string[] | undefined): Record<string, Json> {
  const { name, state, requiredEnvironment, isPinned } = record;
  const files = pathsOf(record);
  const parsed = parseSkill(text);
  const related = parsed.ok ? parsed.facts.relatedSkills : [];
  return {
    name,
    ...(state !== "active" && { state }),
    ...(isPinned && { pinned: true }),
    ...(files.length > 0 && { linked_files: files }),
    ...(related.length > 0 && { related_skills: related }),
    ...(requiredEnvironment.length > 0 && { setup: setupOf(record, passed) }),
  };
}

/** Whether the variables that the skill needs are there; nobody knows where no command runs. */
function setupOf(record: SkillRecord, passed: readonly string[] | undefined): Json {
  const { requiredEnvironment } = record;
  if (passed === undefined) return { required_environment: requiredEnvironment };
  const missing = missingFor(record, passed);
  if (missing.length === 0) return { status: "ready", required_environment: requiredEnvironment };
  const note = `Commands do not find what is missing. Tell the person: ${howToPass} Never ask for a value in the chat.`;
  return { status: "incomplete", missing, required_environment: requiredEnvironment, note };
}
