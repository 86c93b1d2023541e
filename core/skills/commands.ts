/** What `/skills` answers, in Markdown; the command line says the same. */
import * as z from "zod";
import { codeBlock } from "../base/code-block.ts";
import { isKind, messageOf } from "../base/errors.ts";
import type { Ledger, LedgerEntry } from "../learning/ledger.ts";
import { mainFile, textOfFile } from "./format.ts";
import type { ImportOptions } from "./import.ts";
import { shortDescription } from "./index-text.ts";
import type { SkillStore } from "./library.ts";
import { howToPass, missingFor, runsHere } from "./offered.ts";
import { byName, rankSkills } from "./rank.ts";
import { sayFinding, type Scan } from "./scan.ts";
import { type Committed, originSchema, type SkillRecord, skillStateSchema } from "./skill.ts";

export interface SkillCommandPorts extends ImportOptions {
  /** Bound to the person who asks. */
  library: SkillStore;
  ledger: Ledger;
  /** Whose lines of the ledger may be seen. */
  owner: string;
  /** Names of the variables that commands find in their environment. */
  passed: readonly string[];
  /** Owners may change what everybody shares; others look, and take back what came of their own sessions. */
  isOwner: boolean;
  /** Whether a change came of a session of this person alone. */
  isOwn(entry: LedgerEntry): Promise<boolean>;
}

const help = `\`/skills\` [list | archived | view <name> | search <words> | log | undo [id] | pin <name> | unpin <name> | archive <name> | restore <name> | adopt <name> | import <url> [--force] | export <name>]`;

/** Words that change the skills of everybody. `undo` looks at whose change it is. */
const ownersWords = new Set(["pin", "unpin", "archive", "restore", "adopt", "import"]);

const forOwners = (word: string): string =>
  `Only an owner of this agent may do that (\`${word}\`), since everybody's skills change with it. Nothing was changed.`;

type Answerer = (rest: string, ports: SkillCommandPorts) => Promise<string>;

const commands: Record<string, Answerer> = {
  list: async (_rest, { library, passed }) => listText(await library.list(), passed),
  archived: async (_rest, { library, passed }) => listText(await library.list({ archived: true }), passed),
  search: async (rest, { library, passed }) => searchText(await library.list(), rest, passed),
  view: (rest, { library, passed }) => withSkill(library, rest, (record) => view(library, record, passed)),
  export: (rest, { library }) => withSkill(library, rest, async (record) => exportText(record)),
  pin: (rest, { library }) => mark(library, rest, { isPinned: true }, "pinned: nobody but you changes or archives it"),
  unpin: (rest, { library }) => mark(library, rest, { isPinned: false }, "unpinned"),
  archive: (rest, { library }) =>
    mark(library, rest, { state: "archived" }, `archived; \`/skills restore\` brings it back`),
  restore: (rest, { library }) => mark(library, rest, { state: "restored" }, "brought back"),
  adopt: (rest, { library }) =>
    mark(library, rest, { origin: "learnt" }, "adopted: reviews and the curator may improve it"),
  log: async (_rest, ports) => logText(await skillLines(ports, 20)),
  undo: undoText,
  import: importText,
};

/** Answers what follows `/skills`, in Markdown. */
export async function answerSkills(said: string, ports: SkillCommandPorts): Promise<string> {
  const [word = "list", ...rest] = said
    .trim()
    .split(/\s+/)
    .filter((part) => part !== "");
  const name = word.toLowerCase();
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (ownersWords.has(name) && !ports.isOwner) return forOwners(name);
  return command ? command(rest.join(" "), ports) : help;
}

function listText(records: readonly SkillRecord[], passed: readonly string[]): string {
  if (records.length === 0) return "There are none.";
  const categories = [...new Set(records.map(({ category }) => category))].sort();
  return categories
    .flatMap((category) => [
      `**${category}**`,
      ...records
        .filter((record) => record.category === category)
        .sort(byName)
        .map((record) => line(record, passed)),
    ])
    .join("\n");
}

const line = (record: SkillRecord, passed: readonly string[]): string =>
  [`- \`${record.name}\`: ${shortDescription(record.description)}`, remarksOf(record, passed)]
    .filter((part) => part !== "")
    .join(" ");

const remarksOf = (record: SkillRecord, passed: readonly string[]): string => {
  const { state, isPinned, origin, uses } = record;
  const remarks = [
    state === "active" ? "" : state,
    isPinned ? "pinned" : "",
    origin === "person" ? "" : origin,
    uses > 0 ? `used ${uses}×` : "",
    needsText(record, passed),
    runsHere(record) ? "" : `only for ${record.platforms?.join(", ")}`,
  ];
  const said = remarks.filter((remark) => remark !== "");
  return said.length > 0 ? `(${said.join(", ")})` : "";
};

const needsText = (record: SkillRecord, passed: readonly string[]): string => {
  const missing = missingFor(record, passed);
  return missing.length > 0 ? `needs ${missing.join(", ")}` : "";
};

function searchText(records: readonly SkillRecord[], query: string, passed: readonly string[]): string {
  if (query === "") return "Say what to search for: `/skills search <words>`.";
  const found = rankSkills(records, query).filter(({ score }) => score > 0);
  return found.length === 0
    ? `No skill is about “${query}”.`
    : found
        .slice(0, 10)
        .map(({ skill }) => line(skill, passed))
        .join("\n");
}

async function withSkill(
  library: SkillStore,
  name: string,
  answer: (record: SkillRecord) => Promise<string>,
): Promise<string> {
  const record = name === "" ? undefined : await library.find(name);
  return record ? answer(record) : `There is no skill ${name === "" ? "without a name" : `\`${name}\``}.`;
}

/** What it needs, and who can give it. */
function setupLine(record: SkillRecord, passed: readonly string[]): string[] {
  if (!runsHere(record))
    return [`Only for ${record.platforms?.join(", ")}: commands run on Linux, so it is not offered.`];
  if (record.requiredEnvironment.length === 0) return [];
  const needs = needsText(record, passed);
  if (needs === "") return [`Set up: commands find ${record.requiredEnvironment.join(", ")}.`];
  return [`It ${needs}: ${howToPass}`];
}

async function view(library: SkillStore, record: SkillRecord, passed: readonly string[]): Promise<string> {
  const bytes = await library.readFile(record, mainFile);
  const text = (bytes && textOfFile(bytes)) ?? "";
  const files = record.files.map(({ path, bytes }) => `\`${path}\` (${bytes.toLocaleString("en")} bytes)`);
  const lock = await library.lockOf(record.name);
  return [
    `**${record.name}**: ${record.state}, ${record.origin}${record.isPinned ? ", pinned" : ""}, revision \`${record.revision.slice(0, 8)}\``,
    `Used ${record.uses}×, looked at ${record.views}×, changed ${record.patches}×. ${files.join(", ")}`,
    ...setupLine(record, passed),
    ...(lock ? [`Imported from ${lock.source}; the scan said ${lock.verdict}.`] : []),
    codeBlock(text.trimEnd(), "markdown"),
  ].join("\n");
}

/** A chat has no way for files: the command line writes them (cli/talaria/export-skill.ts). */
function exportText({ name, files }: SkillRecord): string {
  const paths = files.map(({ path }) => `\`${name}/${path}\``);
  return [
    `${paths.length} ${paths.length === 1 ? "file" : "files"}: ${paths.join(", ")}`,
    `\`npm run talaria -- skills export ${name}\` writes them as a folder, where the agent runs; of a deployment with \`--stage <name>\` before \`skills\`, where it was deployed from.`,
  ].join("\n");
}

const failureText = (committed: Exclude<Committed, { ok: true }>): string =>
  committed.conflict ? "Somebody else changed it at the same time: try again." : committed.problem;

async function mark(
  library: SkillStore,
  name: string,
  change: Parameters<SkillStore["mark"]>[1],
  what: string,
): Promise<string> {
  if (name === "") return help;
  const marked = await library.mark(name, change, { reason: "asked by command" });
  return marked.ok ? `\`${name}\`: ${what}.` : failureText(marked);
}

const pages = 10;
const pageLines = 50;

/** Lines about skills, newest first. */
async function skillLines(
  { ledger, owner }: Pick<SkillCommandPorts, "ledger" | "owner">,
  wanted: number,
  isWanted: (entry: LedgerEntry) => boolean = () => true,
): Promise<LedgerEntry[]> {
  const lines: LedgerEntry[] = [];
  let before: string | undefined;
  for (let page = 0; page < pages && lines.length < wanted; page += 1) {
    const entries = await ledger.list({ owner, limit: pageLines, ...(before !== undefined && { before }) });
    lines.push(...entries.filter((entry) => entry.subject.kind === "skill" && isWanted(entry)));
    before = entries.at(-1)?.id;
    if (entries.length < pageLines) break;
  }
  return lines.slice(0, wanted);
}

const logText = (entries: readonly LedgerEntry[]): string =>
  entries.length === 0 ? "Nothing has changed yet." : entries.map(logLine).join("\n");

const logLine = (entry: LedgerEntry): string => {
  const { id, at, actor, subject, reason, undoneBy } = entry;
  return `- \`${id}\` ${new Date(at).toISOString().slice(0, 16).replace("T", " ")} ${actor}: ${deedOf(entry)} \`${subject.name}\`${reason === "" ? "" : `: ${reason}`}${undoneBy === undefined ? "" : " (taken back)"}`;
};

const markSchema = z.object({ isPinned: z.boolean(), origin: originSchema, state: skillStateSchema });

/** What was done, in a word: a mark says so by what differs after it. */
function deedOf({ action, before, after }: Pick<LedgerEntry, "action" | "before" | "after">): string {
  if (action !== "mark") return action;
  const [was, is] = [markSchema.safeParse(before).data, markSchema.safeParse(after).data];
  if (!was || !is) return action;
  if (was.isPinned !== is.isPinned) return is.isPinned ? "pin" : "unpin";
  if (was.origin !== is.origin) return is.origin === "learnt" ? "adopt" : `become ${is.origin}`;
  return was.state === is.state ? action : `mark as ${is.state}`;
}

const maxTried = 5;

const othersChange =
  "Only an owner of this agent may take back what did not come of a session of yours. Nothing was changed; `/skills log` has the ids.";

/**
 * The change that is named, or the newest that was not taken back. A crash may have left a line whose change never came:
 * it cannot be taken back, so that the one before it is the newest.
 */
async function undoText(id: string, ports: SkillCommandPorts): Promise<string> {
  const entries = id === "" ? await newestChanges(ports) : [await ports.ledger.find(id)];
  const problems: string[] = [];
  for (const entry of entries) {
    if (!entry) return `There is no change \`${id}\`.`;
    if (!ports.isOwner && !(await ports.isOwn(entry))) {
      problems.push(othersChange);
      continue;
    }
    const undone = await ports.library.undo(entry.id);
    if (undone.ok)
      return `Taken back: ${deedOf(entry)} of \`${entry.subject.name}\` by ${entry.actor} (${entry.reason}). \`/skills log\` has its line.`;
    problems.push(failureText(undone));
    if (undone.conflict) break;
  }
  return problems.find((each) => each !== othersChange) ?? problems[0] ?? "There is nothing to take back.";
}

/** What a deployment brought is taken back only by name: nobody means that by "the last change". */
async function newestChanges(ports: SkillCommandPorts): Promise<LedgerEntry[]> {
  const isMeant = ({ action, actor, undoneBy }: LedgerEntry) =>
    action !== "undo" && actor !== "deployment" && undoneBy === undefined;
  return (await skillLines(ports, maxTried, isMeant)).slice(0, maxTried);
}

async function importText(rest: string, ports: SkillCommandPorts): Promise<string> {
  const words = rest.split(/\s+/).filter((word) => word !== "");
  const address = words.find((word) => !word.startsWith("--"));
  if (address === undefined)
    return "Say from where: `/skills import <address of a SKILL.md, a GitHub folder or a .tar.gz>`.";
  try {
    // Hardly any step needs it.
    const { importSkill } = await import("./import.ts");
    const imported = await importSkill(ports.library, address, { ...ports, force: words.includes("--force") });
    if (!imported.ok) return [imported.problem, ...findingLines(imported.scan)].join("\n");
    const { name, description } = imported.record;
    return [
      `${imported.isUpdate ? "Brought up to date" : "Imported"}: \`${name}\`: ${description}`,
      ...findingLines(imported.scan),
    ].join("\n");
  } catch (error) {
    // What the other side answered is news for the person, not a failure of the turn.
    if (isKind(error, "refused") || isKind(error, "retryable")) return `Not imported: ${messageOf(error)}`;
    throw error;
  }
}

const findingLines = (scan: Scan | undefined): string[] =>
  scan?.findings.map((finding) => `- ${sayFinding(finding)}`) ?? [];
