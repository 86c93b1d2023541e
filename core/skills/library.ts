/** The rules of a skill library, without its store: who may change what, and what a change makes of a record. */
import { createHash } from "node:crypto";
import type { Json } from "../base/json.ts";
import { bytesOfFile, type SkillFacts } from "./format.ts";
import type { Verdict } from "./scan.ts";
import { type Actor, type Committed, counters } from "./skill.ts";
import type { SkillChange, SkillFile, SkillLibrary, SkillMarks, SkillRecord } from "./skill.ts";

/** Where an imported skill came from, and what the scan of it said. */
export interface ImportLock {
  source: string;
  /** The revision that was imported: a skill whose current one differs was changed since. */
  revision: string;
  verdict: Verdict;
  findings: number;
  /** Milliseconds since 1970. */
  importedAt: number;
}

/** A library with what only commands and imports do. */
export interface SkillStore extends SkillLibrary {
  /** As in the contract; with `lock` the files are an import: its origin is `hub` and files may lie anywhere in its folder. */
  commit(change: SkillChange, lock?: Omit<ImportLock, "revision">): Promise<Committed>;
  /** Takes one change back: the exact files from before it. Refused when the skill was changed since. */
  undo(entry: string): Promise<Committed>;
  /** Of an imported skill. */
  lockOf(name: string): Promise<ImportLock | undefined>;
}

export const problem = (sentence: string): Committed => ({ ok: false, conflict: false, problem: sentence });
const theirs = (sentence: string, adoptable: string): Committed => ({
  ok: false,
  conflict: false,
  problem: sentence,
  adoptable,
});
export const conflict: Committed = { ok: false, conflict: true };

/** They act without a person who watches. */
export const isAutonomous = (actor: Actor): boolean => actor === "review" || actor === "curator";

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export type FileEntry = SkillRecord["files"][number];

/** The files of a revision, by path, and the revision: a hash of paths and contents. */
export function treeOf(files: readonly SkillFile[]): { revision: string; entries: FileEntry[] } {
  const entries = files
    .map(({ path, content }) => ({ path, bytes: bytesOfFile(content).length, sha256: sha256Of(bytesOfFile(content)) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const names = JSON.stringify(entries.map(({ path, sha256 }) => [path, sha256]));
  return { revision: sha256Of(Buffer.from(names)).slice(0, 32), entries };
}

/** Files of the current revision that the next one changes or no longer has. */
export const touchedFiles = (current: SkillRecord, next: readonly FileEntry[]): FileEntry[] =>
  current.files.filter(({ path, sha256 }) => !next.some((entry) => entry.path === path && entry.sha256 === sha256));

/** Names one content of one file, for the note that an actor has read it. */
export const readingOf = (name: string, { path, sha256 }: Pick<FileEntry, "path" | "sha256">): string =>
  `${name}/${path}#${sha256}`;

/** Why this actor may not touch this skill at all; `undefined` when it may. */
function problemOfActor(actor: Actor, current: SkillRecord): string | undefined {
  if (!isAutonomous(actor)) return undefined;
  if (current.isPinned) return `The skill ${current.name} is pinned: only its owner may change it.`;
  if (current.origin !== "learnt")
    return `The skill ${current.name} was not learnt but is of origin "${current.origin}": leave it. Its owner can allow changes with /skills adopt ${current.name}.`;
  return undefined;
}

/** Not the actor's to change, unless its owner allows that: pinned it is meant to stay, and archived it helps nobody. */
const isAdoptable = (actor: Actor, { origin, isPinned, state }: SkillRecord): boolean =>
  isAutonomous(actor) && origin !== "learnt" && !isPinned && state !== "archived";

/** What a change of a skill is answered that this actor may not make. */
export const refusedChange = (actor: Actor, current: SkillRecord | undefined, sentence: string): Committed =>
  current && isAdoptable(actor, current) ? theirs(sentence, current.name) : problem(sentence);

/** What a new skill is answered that would stand beside this one: to change that, for whoever may. */
export function refusedRepetition(actor: Actor, there: SkillRecord, otherwise: string): Committed {
  const { name, description, origin } = there;
  const why = problemOfActor(actor, there);
  if (why === undefined) return problem(otherwise);
  if (!isAdoptable(actor, there)) return problem(`There is a skill for this already. ${why}`);
  return theirs(
    `There is a skill for this: ${name} ("${description}"), of origin "${origin}". You cannot change it, and no other is written beside it. The person can let you improve it with /skills adopt ${name}.`,
    name,
  );
}

/** Why this actor may not make these files the skill's next revision. */
export function problemOfCommit(
  actor: Actor,
  current: SkillRecord | undefined,
  { entries, seen }: { entries: readonly FileEntry[]; seen: ReadonlySet<string> },
): string | undefined {
  if (current === undefined) return undefined;
  if (current.state === "archived") return `The skill ${current.name} is archived: restore it first.`;
  const isAsSeeded = current.origin === "bundled" && current.revision === current.seededRevision;
  if (actor === "deployment")
    return isAsSeeded
      ? undefined
      : `The skill ${current.name} was changed since it was seeded, or is not a bundled one.`;
  const refusal = problemOfActor(actor, current);
  if (refusal !== undefined || !isAutonomous(actor)) return refusal;
  const unread = touchedFiles(current, entries).find((file) => !seen.has(readingOf(current.name, file)));
  return unread && `Read ${unread.path} of ${current.name} with skill_view first: it may differ from what you expect.`;
}

export interface MarkRules {
  actor: Actor;
  /** The curator may make bundled skills stale and archive them, if its owner said so. */
  mayPruneBundled: boolean;
  /** The skill that takes over, looked up; `undefined` when none was named. */
  umbrella: { name: string; record: SkillRecord | undefined } | undefined;
}

/** Why this actor may not mark this skill so. */
export function problemOfMark(current: SkillRecord, marks: SkillMarks, rules: MarkRules): string | undefined {
  const { actor, mayPruneBundled, umbrella } = rules;
  const isArchiving = marks.state === "archived" && current.state !== "archived";
  if (umbrella && (umbrella.name === current.name || !umbrella.record || umbrella.record.state === "archived"))
    return `absorbed_into must name another skill that exists; "${umbrella.name}" does not do.`;
  if (isArchiving && current.isPinned) return `The skill ${current.name} is pinned: unpin it before archiving it.`;
  if (!isAutonomous(actor)) return undefined;
  if (marks.isPinned !== undefined || marks.origin !== undefined) return "Only a person pins and adopts skills.";
  if (actor === "review" && isArchiving && !umbrella)
    return "Archive a skill only when another one took over its content: name it in absorbed_into.";
  const isPruning = actor === "curator" && mayPruneBundled && current.origin === "bundled" && !current.isPinned;
  return isPruning ? undefined : problemOfActor(actor, current);
}

const originOf = (actor: Actor): SkillRecord["origin"] => {
  if (actor === "deployment") return "bundled";
  return isAutonomous(actor) ? "learnt" : "person";
};

const never = { patchedAt: 0, usedAt: 0, viewedAt: 0, uses: 0, views: 0, patches: 0, reusedPatches: 0, unhelpful: 0 };

/** What the agent writes by itself has to prove itself. */
const firstState = (actor: Actor): SkillRecord["state"] =>
  actor === "agent" || actor === "review" ? "trial" : "active";

const isInUse = (state: SkillRecord["state"]): state is "trial" | "active" => state === "trial" || state === "active";

/** The state in which a skill is used again: one that was learnt and never used has still to prove itself. */
export const stateInUseOf = ({ state, stateInUse, uses, origin }: SkillRecord): "trial" | "active" =>
  isInUse(state) ? state : (stateInUse ?? (uses === 0 && origin === "learnt" ? "trial" : "active"));

const order = { trial: 0, active: 0, stale: 1, archived: 2 } as const;

/** The record in another state. It remembers how it was in use, and when somebody brought it back. */
export function inState(record: SkillRecord, state: SkillRecord["state"], at: number): SkillRecord {
  const isBack = order[state] < order[record.state];
  return { ...record, state, stateInUse: stateInUseOf(record), ...(isBack && { restoredAt: at }) };
}

/** The record after a mark. What the curator finds in use again has its time already: nobody brought it back. */
export function markedRecord(
  current: SkillRecord,
  { state: wanted, ...marks }: SkillMarks,
  { actor, now }: { actor: Actor; now: number },
): SkillRecord {
  const next = { ...current, ...marks, version: current.version + 1 };
  const state = wanted === "restored" ? stateInUseOf(current) : wanted;
  if (state === undefined || state === current.state) return next;
  const moved = inState(next, state, now);
  return actor === "curator" ? { ...moved, restoredAt: current.restoredAt } : moved;
}

/** The record after a commit. */
export function nextRecord(
  current: SkillRecord | undefined,
  { name, description, category, conditions, requiredEnvironment, platforms }: SkillFacts,
  { actor, now, tree, isImport }: { actor: Actor; now: number; tree: ReturnType<typeof treeOf>; isImport: boolean },
): SkillRecord {
  const base = current ?? {
    ...never,
    createdAt: now,
    isPinned: false,
    state: firstState(actor),
    origin: originOf(actor),
  };
  return {
    ...base,
    name,
    description,
    category,
    conditions,
    requiredEnvironment,
    platforms,
    revision: tree.revision,
    files: tree.entries,
    version: (current?.version ?? 0) + 1,
    ...(actor === "deployment" && { seededRevision: tree.revision }),
    ...(isImport && { origin: "hub" as const, state: "active" as const }),
    ...(current && { patches: current.patches + 1, patchedAt: now }),
  };
}

/** What a change of files changes in a record, and what marks change. */
const contentFields = [
  "revision",
  "files",
  "description",
  "category",
  "conditions",
  "requiredEnvironment",
  "platforms",
] as const;
const markFields = ["state", "isPinned", "origin"] as const;

/** What the ledger keeps of a record: all but the counters. */
export const snapshotOf = (record: SkillRecord | undefined): Json => {
  if (record === undefined) return null;
  const kept = Object.entries(record).filter(([name]) => !(name in counters));
  return JSON.parse(JSON.stringify(Object.fromEntries(kept))) as Json;
};

/** The part of a record that the ledger keeps. */
export type Snapshot = Omit<SkillRecord, keyof typeof counters>;

/** The record with one change taken back at this time, or why that cannot be. */
export function undone(
  current: SkillRecord,
  { before, after }: { before: Snapshot | null; after: Snapshot },
  at: number,
): { record: SkillRecord } | { problem: string } {
  const changed = { problem: `The skill ${current.name} was changed since: undo the later changes first.` };
  const next = { ...current, version: current.version + 1 };
  if (before === null)
    return current.revision === after.revision && current.state !== "archived"
      ? { record: inState(next, "archived", at) }
      : changed;
  const takesBackFiles = before.revision !== after.revision;
  if (takesBackFiles && current.revision !== after.revision) return changed;
  if (takesBackFiles) Object.assign(next, pick(before, contentFields));
  const marked = markFields.filter((field) => before[field] !== after[field]);
  if (marked.some((field) => current[field] !== after[field])) return changed;
  Object.assign(next, pick(before, marked), { state: current.state });
  return { record: marked.includes("state") ? inState(next, before.state, at) : next };
}

const pick = (from: Snapshot, keys: readonly (keyof Snapshot)[]): Partial<Snapshot> =>
  Object.fromEntries(keys.map((key) => [key, from[key]])) as Partial<Snapshot>;
