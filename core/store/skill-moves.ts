import type * as z from "zod";
import type { Ledger, LedgerEntry } from "../learning/ledger.ts";
import { conflict, type ImportLock, problem, type Snapshot, snapshotOf, undone } from "../skills/library.ts";
import { type Actor, type Committed, counters, type SkillRecord, skillRecordSchema } from "../skills/skill.ts";
import type { SkillRecords } from "./skill-records.ts";

interface Move {
  action: LedgerEntry["action"];
  reason: string;
  lock?: ImportLock;
}

/** Changes of records, each with its line in the ledger. */
export interface SkillMoves {
  /** `current` is what the change was made from; `undefined` for a new skill. */
  move(current: SkillRecord | undefined, next: SkillRecord, move: Move): Promise<Committed>;
  undo(id: string): Promise<Committed>;
}

const snapshotSchema: z.ZodType<Snapshot> = skillRecordSchema.omit(counters);

interface Provenance {
  actor: Actor;
  session: string | undefined;
  turn: number | undefined;
  now: () => number;
}

export function openSkillMoves(
  records: SkillRecords,
  ledger: Ledger,
  { actor, session, turn, now }: Provenance,
): SkillMoves {
  /** Writes the line first, then moves the pointer: a line whose change never came has nothing that refers to it. */
  async function write(current: SkillRecord | undefined, next: SkillRecord, { action, reason, lock }: Move) {
    const line = await ledger.append({
      actor,
      subject: { kind: "skill", name: next.name },
      action,
      before: snapshotOf(current),
      after: snapshotOf(next),
      reason,
      ...(session !== undefined && { session }),
      ...(turn !== undefined && { turn }),
    });
    const extra = { entry: line.id, ...(lock && { lock }), ...(!current && session !== undefined && { session }) };
    if (current) await records.settle(current.name);
    if (await records.write(next, current?.version ?? 0, extra)) {
      // So that nobody has to look the skill up who reads the line; should it fail, the skill refers to it.
      await records.settle(next.name, line.id).catch(() => undefined);
      return line;
    }
    // Somebody else was quicker: the line came to nothing, and nobody shall undo it.
    await ledger.markUndone(line.id, line.id);
    return undefined;
  }

  const move: SkillMoves["move"] = async (current, next, about) =>
    (await write(current, next, about)) ? { ok: true, record: next } : conflict;

  async function undo(id: string): Promise<Committed> {
    const entry = await ledger.find(id);
    if (entry?.subject.kind !== "skill") return problem(`There is no change ${id} of a skill.`);
    if (entry.undoneBy !== undefined) return problem(`The change ${id} was taken back before.`);
    const current = await records.read(entry.subject.name);
    if (!current) return problem(`There is no skill ${entry.subject.name}.`);
    const before = entry.before === null ? null : snapshotSchema.parse(entry.before);
    const outcome = undone(current, { before, after: snapshotSchema.parse(entry.after) }, now());
    if ("problem" in outcome) return problem(outcome.problem);
    const line = await write(current, outcome.record, { action: "undo", reason: `undoes ${id}: ${entry.reason}` });
    if (line === undefined) return conflict;
    await ledger.markUndone(id, line.id);
    return { ok: true, record: outcome.record };
  }

  return { move, undo };
}
