/** Skills called by name at the start of a message: "/code-review /git look at this". */
import { mainFile, parseSkill, type SkillFacts, textOfFile } from "./format.ts";
import type { SkillLibrary, SkillRecord } from "./skill.ts";

const maxTokens = 5;

export interface Invocation {
  /** The text for the model in place of what the person wrote: a user message, so that no prompt cache is broken. */
  text: string;
  /** The skills that were loaded. */
  skills: string[];
  /** Members of bundles, and further names, that are not there. */
  missing: string[];
}

interface Loaded {
  record: SkillRecord;
  facts: SkillFacts;
  content: string;
}

/** Chat apps allow no hyphen in a command, so both spellings call a skill. */
const plainName = (name: string): string => name.toLowerCase().replaceAll("_", "-");

/** The names that a message begins with, and what follows them. */
function tokensOf(text: string): { names: string[]; rest: string } {
  const names: string[] = [];
  let rest = text.trim();
  for (let token = slashToken(rest); token && names.length < maxTokens; token = slashToken(rest)) {
    names.push(plainName(token.name));
    rest = rest.slice(token.length).trimStart();
  }
  return { names, rest };
}

function slashToken(text: string): { name: string; length: number } | undefined {
  const [whole, name] = /^\/([a-z0-9][a-z0-9._-]*)(?:@\w+)?(?=\s|$)/i.exec(text) ?? [];
  return whole !== undefined && name !== undefined ? { name, length: whole.length } : undefined;
}

/**
 * What a message that begins with names of skills means; `undefined` when its first word is not a skill (a command, or
 * a plain sentence). Up to five names; a bundle brings its members. Counts the uses.
 */
export async function invokeSkills(library: SkillLibrary, text: string): Promise<Invocation | undefined> {
  const { names, rest } = tokensOf(text);
  if (names.length === 0) return undefined;
  const records = await library.list();
  const calls: Loaded[][] = [];
  const missing: string[] = [];
  let left = rest;
  for (const [at, name] of names.entries()) {
    const found = await loadNamed(library, records, name);
    if (!found && at === 0) return undefined;
    if (!found) {
      // The first word that is no skill begins what the person says.
      left = restFrom(text, at);
      break;
    }
    calls.push([found]);
    const members = await Promise.all(
      found.facts.bundle.map(async (member) => ({
        member,
        loaded: await loadNamed(library, records, plainName(member)),
      })),
    );
    calls.push(members.flatMap(({ loaded }) => loaded ?? []));
    missing.push(...members.filter(({ loaded }) => !loaded).map(({ member }) => member));
  }
  const loaded = [...new Map(calls.flat().map((each) => [each.record.name, each])).values()];
  await Promise.all(loaded.map(({ record }) => library.count(record.name, "use")));
  return { text: messageOf(loaded, missing, left), skills: loaded.map(({ record }) => record.name), missing };
}

/** The message without its first names. */
function restFrom(text: string, names: number): string {
  let rest = text.trim();
  for (let at = 0; at < names; at += 1) rest = rest.slice(slashToken(rest)?.length ?? 0).trimStart();
  return rest;
}

/** Of two skills that are called alike, the bundle. */
async function loadNamed(
  library: SkillLibrary,
  records: readonly SkillRecord[],
  name: string,
): Promise<Loaded | undefined> {
  const candidates = records.filter((record) => plainName(record.name) === name);
  const loaded = (await Promise.all(candidates.map((record) => load(library, record)))).filter(
    (each) => each !== undefined,
  );
  return loaded.find(({ facts }) => facts.bundle.length > 0) ?? loaded[0];
}

async function load(library: SkillLibrary, record: SkillRecord): Promise<Loaded | undefined> {
  const bytes = await library.readFile(record, mainFile);
  const content = bytes && textOfFile(bytes);
  const parsed = content === undefined ? undefined : parseSkill(content);
  return parsed?.ok && content !== undefined ? { record, facts: parsed.facts, content } : undefined;
}

function messageOf(loaded: readonly Loaded[], missing: readonly string[], rest: string): string {
  const names = loaded.map(({ record }) => record.name).join(", ");
  const blocks = loaded.map(({ record, content }) => {
    const files = record.files.filter(({ path }) => path !== mainFile).map(({ path }) => path);
    const linked = files.length > 0 ? `\n\nFiles of this skill, for skill_view: ${files.join(", ")}` : "";
    return `<skill name="${record.name}">\n${content.trim()}${linked}\n</skill>`;
  });
  return [
    `[The person called the skill${loaded.length > 1 ? "s" : ""} ${names}. Follow what is said below.]`,
    ...blocks,
    missing.length > 0 ? `[Not there: ${missing.join(", ")}. Go on without.]` : "",
    rest === "" ? "[Nothing else was said: begin, or ask what is needed.]" : rest,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
