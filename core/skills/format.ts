/**
 * The AgentSkills format (https://agentskills.io/specification): SKILL.md with YAML front matter, and files beside it. The
 * bytes of a skill are kept as they are; what is read here is only looked at.
 */
import * as z from "zod";
import { isKind, messageOf } from "../base/errors.ts";
import type { SkillFile, SkillRecord } from "./skill.ts";
import { readYaml } from "./yaml.ts";

export const mainFile = "SKILL.md";

export const skillLimits = {
  nameChars: 64,
  descriptionChars: 1_024,
  /** For skills that the agent writes; the goal is 60, which is what the index shows. */
  newDescriptionChars: 240,
  mainChars: 100_000,
  fileBytes: 1024 * 1024,
  files: 50,
} as const;

const frontMatterChars = 32_000;
const folders = ["references", "templates", "scripts", "assets", "examples"] as const;

const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const isSkillName = (name: string): boolean => namePattern.test(name) && !name.includes("..");

const categoryPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

/** One word, several, or nothing at all. */
const words = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))])
  .nullish()
  .transform((value) => (value === null || value === undefined ? [] : [value].flat().map(String)));

const sectionSchema = z
  .looseObject({
    category: z.coerce.string().optional(),
    tags: words,
    related_skills: words,
    requires_tools: words,
    requires_toolsets: words,
    fallback_for_tools: words,
    fallback_for_toolsets: words,
    bundle: words,
  })
  .nullish();

/** Named as text, or as an object with a prompt for the person who sets it. */
const environmentSchema = z
  .array(z.union([z.string(), z.looseObject({ name: z.string() }).transform(({ name }) => name)]))
  .nullish();

const frontMatterSchema = z.looseObject({
  name: z.string("has to be text"),
  description: z.string("has to be text"),
  metadata: z
    .looseObject({ hermes: sectionSchema, talaria: sectionSchema, category: z.unknown().optional() })
    .nullish(),
  required_environment_variables: environmentSchema,
  platforms: words,
});

/** What SKILL.md says of its skill. */
export interface SkillFacts extends Pick<
  SkillRecord,
  "name" | "description" | "category" | "conditions" | "requiredEnvironment"
> {
  platforms: string[];
  tags: string[];
  relatedSkills: string[];
  /** Names of skills that are loaded together when this one is invoked. */
  bundle: string[];
  /** The text after the front matter. */
  body: string;
}

export type Parsed = { ok: true; facts: SkillFacts } | { ok: false; problem: string };
const wrong = (problem: string): Parsed => ({ ok: false, problem });

const frontMatterPattern = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)(?:^|\r?\n)---[ \t]*(?:\r?\n|$)/;

/** What SKILL.md says. `isStrict`: only as YAML has it; else also where others' skills forget the quotes. */
export function parseSkill(text: string, { isStrict = false }: { isStrict?: boolean } = {}): Parsed {
  const [whole, yaml] = frontMatterPattern.exec(text) ?? [];
  if (whole === undefined || yaml === undefined)
    return wrong(`${mainFile} must begin with front matter: ---, then name and description, then ---.`);
  if (yaml.length > frontMatterChars) return wrong(`The front matter is over ${count(frontMatterChars)} characters.`);
  const exact = tryReading(yaml);
  const read = "problem" in exact && !isStrict ? tryReading(withQuotes(yaml)) : exact;
  if ("problem" in read) return wrong(`The front matter cannot be read: ${read.problem}.`);
  const parsed = frontMatterSchema.safeParse(read.value);
  if (parsed.success) return { ok: true, facts: factsOf(parsed.data, text.slice(whole.length)) };
  const [issue] = parsed.error.issues;
  return wrong(`The front matter is not valid: ${issue?.path.join(".") || "it"}: ${issue?.message ?? "wrong"}.`);
}

/** A line at the margin whose value is no quoted text, block, flow collection, anchor, tag or comment, and what goes on below it. */
const plainEntry = /^([A-Za-z_][\w-]*:)[ \t]+((?!["'|>[{&*!#])[^\n]*(?:\n[ \t]+[^\n]*)*)/gm;
/** What a plain value must not have in it (`description: Use when: …`), or begin with; many skills have it all the same. */
const unquoted = /:(\s|$)|^[%@`]/;

/** The front matter with quotes around the values that lack them. Only read: the skill's bytes stay. */
const withQuotes = (yaml: string): string =>
  yaml
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(plainEntry, (entry: string, key: string, value: string) =>
      unquoted.test(value) ? `${key} ${JSON.stringify(value.trim().replaceAll(/\s*\n\s*/g, " "))}` : entry,
    );

function tryReading(yaml: string): { value: unknown } | { problem: string } {
  try {
    return { value: readYaml(yaml) };
  } catch (error) {
    if (isKind(error, "refused")) return { problem: messageOf(error) };
    throw error;
  }
}

function factsOf(front: z.infer<typeof frontMatterSchema>, body: string): SkillFacts {
  const sections = [front.metadata?.talaria, front.metadata?.hermes];
  type ListName =
    | "tags"
    | "related_skills"
    | "bundle"
    | `requires_tool${"s" | "sets"}`
    | `fallback_for_tool${"s" | "sets"}`;
  const listOf = (name: ListName): string[] => [...new Set(sections.flatMap((section) => section?.[name] ?? []))];
  const plain = front.metadata?.category;
  const category = sections.find((section) => section?.category)?.category ?? (typeof plain === "string" ? plain : "");
  return {
    name: front.name,
    description: front.description.trim().replace(/\s+/g, " "),
    category: category || "general",
    conditions: {
      requiresTools: listOf("requires_tools"),
      requiresToolsets: listOf("requires_toolsets"),
      fallbackForTools: listOf("fallback_for_tools"),
      fallbackForToolsets: listOf("fallback_for_toolsets"),
    },
    requiredEnvironment: front.required_environment_variables ?? [],
    platforms: [...new Set(front.platforms.map((platform) => platform.trim().toLowerCase()))],
    tags: listOf("tags"),
    relatedSkills: listOf("related_skills"),
    bundle: listOf("bundle"),
    body,
  };
}

const count = (number: number): string => number.toLocaleString("en");

/** How strict to be: with what the agent writes anew, with later changes, or with what others have written. */
export interface Strictness {
  isNewByAgent?: boolean;
  /** Paths outside of the folders for support files that are fine too: those of an import, or that lay there before. */
  mayLie?: (path: string) => boolean;
}

/** What is wrong with a skill's files, in a sentence for the model; the facts of SKILL.md when nothing is. */
export function validateSkill(name: string, files: readonly SkillFile[], strictness: Strictness = {}): Parsed {
  const treeProblem = problemOfTree(name, files, strictness);
  if (treeProblem !== undefined) return wrong(treeProblem);
  const main = files.find(({ path }) => path === mainFile);
  if (main === undefined) return wrong(`A skill needs ${mainFile}.`);
  const text = textOfFile(main.content);
  if (text === undefined) return wrong(`${mainFile} is not UTF-8 text.`);
  if (text.length > skillLimits.mainChars)
    return wrong(
      `${mainFile} has ${count(text.length)} characters; at most ${count(skillLimits.mainChars)}. Move detail to references/.`,
    );
  const parsed = parseSkill(text, { isStrict: strictness.isNewByAgent === true });
  if (!parsed.ok) return parsed;
  const problem = problemOfFacts(name, parsed.facts, strictness);
  return problem === undefined ? parsed : wrong(problem);
}

function problemOfTree(name: string, files: readonly SkillFile[], { mayLie }: Strictness): string | undefined {
  if (!isSkillName(name))
    return `"${name}" is no name for a skill: lower-case letters, digits, ".", "_" and "-", at most ${skillLimits.nameChars}.`;
  if (files.length > skillLimits.files) return `A skill has at most ${skillLimits.files} files.`;
  const paths = new Set(files.map(({ path }) => path));
  if (paths.size < files.length) return "Two files have the same path.";
  for (const { path, content } of files) {
    const problem = path === mainFile ? undefined : problemOfPath(path, mayLie?.(path));
    if (problem !== undefined) return problem;
    if (Buffer.byteLength(content) > skillLimits.fileBytes) return `${path} is over 1 MiB.`;
  }
  return undefined;
}

/** Why a file may not lie there; `undefined` when it may. */
export function problemOfPath(path: string, mayLieAnywhere = false): string | undefined {
  const parts = path.split("/");
  const isPlain =
    path.length <= 200 &&
    !/[\\\p{Cc}]/u.test(path) &&
    parts.every((part) => part !== "" && part !== "." && part !== ".." && part.trim() === part);
  if (!isPlain) return `"${path}" is no path inside a skill.`;
  const isInFolder = parts.length > 1 && folders.some((folder) => folder === parts[0]);
  return isInFolder || mayLieAnywhere
    ? undefined
    : `"${path}" is not in ${folders.map((folder) => `${folder}/`).join(", ")}: support files go there.`;
}

function problemOfFacts(name: string, facts: SkillFacts, { isNewByAgent }: Strictness): string | undefined {
  if (facts.name !== name) return `The front matter names the skill "${facts.name}", not "${name}".`;
  if (facts.description === "") return "The description is empty: say in one line when to use the skill.";
  const limit = isNewByAgent ? skillLimits.newDescriptionChars : skillLimits.descriptionChars;
  if (facts.description.length > limit)
    return `The description has ${facts.description.length} characters; at most ${count(limit)}, and 60 is the goal.`;
  if (!categoryPattern.test(facts.category)) return `"${facts.category}" is no category: one word.`;
  if (facts.body.trim() === "") return `${mainFile} says nothing after its front matter.`;
  const member = facts.bundle.find((each) => !isSkillName(each));
  return member === undefined ? undefined : `"${member}" in the bundle is no name of a skill.`;
}

/** The text of a file, or `undefined` when it is not UTF-8. */
export function textOfFile(content: string | Uint8Array): string | undefined {
  if (typeof content === "string") return content;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** Whether a file is to be run: a skill keeps no mode, but its folders and the first line of a script say it. */
export function isProgram({ path, content }: SkillFile): boolean {
  const [first, second] = bytesOfFile(content);
  return path.startsWith("scripts/") || (first === 0x23 && second === 0x21);
}

export const bytesOfFile = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? Buffer.from(content, "utf8") : content;
