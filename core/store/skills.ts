import type { Ledger, LedgerEntry } from "../learning/ledger.ts";
import { isSkillName, mainFile, validateSkill } from "../skills/format.ts";
import {
  conflict,
  type ImportLock,
  isAutonomous,
  markedRecord,
  type MarkRules,
  nextRecord,
  problem,
  problemOfCommit,
  problemOfMark,
  readingOf,
  refusedChange,
  refusedRepetition,
  type SkillStore,
  treeOf,
} from "../skills/library.ts";
import { nearDuplicate } from "../skills/similar.ts";
import type { Actor, Committed, Counted, SkillChange, SkillRecord } from "../skills/skill.ts";
import type { Blobs } from "./bodies.ts";
import { openSkillFiles } from "./skill-files.ts";
import { openSkillMoves } from "./skill-moves.ts";
import { openSkillRecords } from "./skill-records.ts";
import type { Table } from "./table.ts";

export interface SkillLibraryOptions {
  table: Table;
  blobs: Blobs;
  ledger: Ledger;
  profile: string;
  actor: Actor;
  /** The session and turn in which the actor works: provenance, and what "used in another session" is measured by. */
  session?: string;
  turn?: number;
  now: () => number;
  /** What this actor has read in this run (filled here); hand it in to go on in another invocation. */
  reads?: Set<string>;
  /** Lets the curator make bundled skills stale and archive them. */
  mayPruneBundled?: boolean;
}

/**
 * The skills of a profile. A change writes its files first, under the hash of their tree, then its line in the ledger, and
 * moves the pointer last, by compare-and-set: a crash in between leaves the pointer as it was, and what was written
 * before it is referred to by nothing.
 */
export function openSkillLibrary(options: SkillLibraryOptions): SkillStore {
  const {
    table,
    blobs,
    ledger,
    profile,
    actor,
    session,
    turn,
    now,
    reads = new Set(),
    mayPruneBundled = false,
  } = options;
  const records = openSkillRecords(table, profile);
  const files = openSkillFiles(blobs, profile);
  const moves = openSkillMoves(records, ledger, { actor, session, turn, now });
  /** The last file read of each skill: it counts as seen once the view is counted, which editing never does. */
  const lastReadings = new Map<string, string>();

  const find = async (name: string) => (isSkillName(name) ? await records.read(name) : undefined);

  const list: SkillStore["list"] = async ({ archived = false } = {}) =>
    (await records.list()).filter(({ state }) => (state === "archived") === archived);

  const readFile: SkillStore["readFile"] = async ({ name, revision }, path) => {
    const found = isSkillName(name) ? await files.read(name, revision, path) : undefined;
    if (found) lastReadings.set(name, readingOf(name, found.entry));
    return found?.bytes;
  };

  /** The answer to a new skill that would repeat another; only the agent's own writing is refused for it. */
  async function duplicateOf(facts: Pick<SkillRecord, "name" | "description">): Promise<Committed | undefined> {
    if (actor !== "agent" && actor !== "review") return undefined;
    const near = nearDuplicate(facts, await list());
    if (near === undefined) return undefined;
    const instead = `There is a skill for this: ${near.name} ("${near.description}"). Patch that one instead of writing another.`;
    return refusedRepetition(actor, near, instead);
  }

  /** Whether the files may become the next revision, and what SKILL.md says; or the answer to the commit. */
  function checkFiles({ name, files }: SkillChange, current: SkillRecord | undefined, isImport: boolean) {
    const before = new Set(current?.files.map(({ path }) => path));
    return validateSkill(name, files, {
      isNewByAgent: !current && (actor === "agent" || actor === "review"),
      mayLie: (path) => isImport || actor === "deployment" || before.has(path),
    });
  }

  async function commit(change: SkillChange, lock?: Omit<ImportLock, "revision">): Promise<Committed> {
    const current = await find(change.name);
    lastReadings.delete(change.name);
    if (current && change.version === 0) return refusedRepetition(actor, current, existing(current));
    if ((current?.version ?? 0) !== change.version) return conflict;
    const checked = checkFiles(change, current, lock !== undefined);
    if (!checked.ok) return problem(checked.problem);
    const tree = treeOf(change.files);
    const refusal = problemOfCommit(actor, current, { entries: tree.entries, seen: reads });
    if (refusal !== undefined) return refusedChange(actor, current, refusal);
    const repetition = current ? undefined : await duplicateOf(checked.facts);
    if (repetition !== undefined) return repetition;
    if (current?.revision === tree.revision && !lock) return { ok: true, record: current };
    await files.write(change.name, tree, change.files);
    const next = nextRecord(current, checked.facts, { actor, now: now(), tree, isImport: lock !== undefined });
    const moved = await moves.move(current, next, {
      action: current ? "change" : "create",
      reason: change.reason,
      ...(lock && { lock: { ...lock, revision: tree.revision } }),
    });
    if (moved.ok) noteWritten(next, current);
    return moved;
  }

  /** Who wrote a file knows what is in it. */
  function noteWritten(next: SkillRecord, current: SkillRecord | undefined): void {
    const had = new Set(current?.files.map((entry) => readingOf(next.name, entry)));
    for (const reading of next.files.map((entry) => readingOf(next.name, entry)))
      if (!had.has(reading)) reads.add(reading);
  }

  const mark: SkillStore["mark"] = async (name, change, { reason, absorbedInto }) => {
    const current = await find(name);
    if (!current) return problem(`There is no skill ${name}.`);
    const umbrella: MarkRules["umbrella"] =
      absorbedInto === undefined ? undefined : { name: absorbedInto, record: await find(absorbedInto) };
    const refusal = problemOfMark(current, change, { actor, mayPruneBundled, umbrella });
    if (refusal !== undefined) return problem(refusal);
    const next = markedRecord(current, change, { actor, now: now() });
    const isSame = next.state === current.state && next.isPinned === current.isPinned && next.origin === current.origin;
    if (isSame) return { ok: true, record: current };
    const why = absorbedInto === undefined ? reason : `${reason} (absorbed into ${absorbedInto})`;
    return moves.move(current, next, { action: actionOf(current, next), reason: why });
  };

  const undo: SkillStore["undo"] = async (id) =>
    isAutonomous(actor) ? problem("Only a person or the agent in a conversation takes changes back.") : moves.undo(id);

  async function count(name: string, what: Counted): Promise<void> {
    const reading = lastReadings.get(name);
    if (reading !== undefined) reads.add(reading);
    // What the review and the curator look at says nothing about what is of use; what went wrong they alone see.
    if ((isAutonomous(actor) && what !== "unhelpful") || !isSkillName(name)) return;
    // Counters are not worth a turn: what the store refuses now is not counted.
    await records.count(name, what, { now: now(), session }).catch(() => undefined);
  }

  const lockOf = async (name: string) => (isSkillName(name) ? await records.lockOf(name) : undefined);
  return { list, find, readFile, commit, mark, undo, count, lockOf };
}

const actionOf = (current: SkillRecord, next: SkillRecord): LedgerEntry["action"] => {
  if (current.state !== "archived" && next.state === "archived") return "archive";
  return current.state === "archived" && next.state !== "archived" ? "restore" : "mark";
};

const existing = ({ name, state }: SkillRecord): string =>
  state === "archived"
    ? `There is an archived skill ${name}: restore it and change it, or choose another name.`
    : `There is a skill ${name} already: read its ${mainFile} and patch it.`;
