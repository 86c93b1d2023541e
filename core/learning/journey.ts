/** `/journey`: what was learnt, from which conversation, and what has come of it since. */
import type { SkillRecord } from "../skills/skill.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";

export interface JourneyPorts {
  ledger: Ledger;
  /** All skills, archived ones too. */
  skills(): Promise<readonly SkillRecord[]>;
  /** Who asks. */
  owner: string;
  /** In a group nothing of persons is shown. */
  isGroup: boolean;
  /** Everybody is let in here, and this is not the owner: then only what is theirs is shown. */
  isStranger: boolean;
}

const defaultLines = 20;
const maxLines = 100;
/** Read, so that what came after an entry is known. */
const maxRead = 1_000;
const pageLines = 100;

const learning = new Set<LedgerEntry["action"]>(["create", "change"]);

/** Markdown: the newest `n` things that were learnt (20 when it is not said), the oldest of them first. */
export async function journeyText(args: string, ports: JourneyPorts): Promise<string> {
  const wanted = Math.min(maxLines, Math.max(1, Math.floor(Number(args.trim() || defaultLines)) || defaultLines));
  const entries = (await readAll(ports)).filter((entry) => isForHere(entry, ports));
  const skills = new Map((await ports.skills()).map((skill) => [skill.name, skill]));
  // What came with a deployment was not learnt here.
  const learnt = entries.filter(({ action, actor }) => learning.has(action) && actor !== "deployment").slice(0, wanted);
  if (learnt.length === 0) return "Nothing was learnt here yet.";
  const lines = learnt.toReversed().map((entry) => `- ${sayEntry(entry)}${sinceThen(entry, entries, skills)}`);
  return [`**What I have learnt** (the last ${learnt.length})`, ...lines].join("\n");
}

/** Newest first. */
async function readAll({ ledger, owner, isGroup }: JourneyPorts): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  while (entries.length < maxRead) {
    const before = entries.at(-1)?.id;
    const page = await ledger.list({
      owner: isGroup ? "" : owner,
      limit: pageLines,
      ...(before !== undefined && { before }),
    });
    entries.push(...page.filter(({ id }) => id !== before));
    if (page.length < pageLines) break;
  }
  return entries;
}

/** What is private to a person, or about one, is for that person in a direct chat. */
function isForHere({ owner, subject }: LedgerEntry, { isGroup, isStranger, ...asking }: JourneyPorts): boolean {
  if (isStranger) return !isGroup && owner === asking.owner;
  if (!isGroup) return owner === undefined || owner === asking.owner;
  return owner === undefined && (subject.kind === "skill" || subject.name === "memory");
}

const who: Record<LedgerEntry["actor"], string> = {
  person: "a person",
  agent: "me, in a conversation",
  review: "my review after a turn",
  curator: "the curator",
  deployment: "a deployment",
};

/** What belongs to a person is only told to that person. */
const sayActor = ({ actor, owner }: LedgerEntry): string =>
  actor === "person" && owner !== undefined ? "you" : who[actor];

function sayEntry(entry: LedgerEntry): string {
  const { at, subject, action, reason, session, turn } = entry;
  const day = new Date(at).toISOString().slice(0, 10);
  const what =
    subject.kind === "skill"
      ? `skill **${subject.name}**`
      : `notes ${subject.name.startsWith("user") ? "about you" : "of mine"}`;
  const from = session === undefined ? "" : ` (from ${session}${turn === undefined ? "" : `, turn ${turn}`})`;
  const said = reason.replace(/\s+/g, " ").replace(/\.$/, "");
  return `${day} ${what} ${action === "create" ? "written" : "changed"} by ${sayActor(entry)}${from}: ${said}`;
}

/** What became of it: uses of the skill, later changes, whether it was taken back. */
function sinceThen(
  entry: LedgerEntry,
  entries: readonly LedgerEntry[],
  skills: ReadonlyMap<string, SkillRecord>,
): string {
  if (entry.undoneBy !== undefined) return ". Taken back since.";
  const isSame = ({ subject }: LedgerEntry) =>
    subject.kind === entry.subject.kind && subject.name === entry.subject.name;
  const later = entries
    .slice(0, entries.indexOf(entry))
    .filter((other) => isSame(other) && other.undoneBy === undefined);
  const changes = later.filter(({ action }) => action === "change").length;
  const skill = entry.subject.kind === "skill" ? skills.get(entry.subject.name) : undefined;
  const said = [
    ...(skill ? [usesSince(entry, skill)] : []),
    ...(changes > 0 ? [`changed ${changes} more ${changes === 1 ? "time" : "times"}`] : []),
    ...(skill?.state === "archived" ? ["archived"] : []),
  ];
  return said.length === 0 ? "." : `. Since then: ${said.join(", ")}.`;
}

/** Counters are kept of a skill, not of a change: a use is after this one when the last use was. */
function usesSince({ at, action }: LedgerEntry, { uses, usedAt }: SkillRecord): string {
  if (uses === 0 || usedAt < at) return "not used";
  const day = new Date(usedAt).toISOString().slice(0, 10);
  return action === "create" ? `used ${uses} ${uses === 1 ? "time" : "times"}, last ${day}` : `used, last ${day}`;
}
