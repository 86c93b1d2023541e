/** Taking back what the curator did: one change, or all since a run began. */
import type { Ledger, LedgerEntry } from "../ledger.ts";
import type { SkillStore } from "../../skills/library.ts";
import type { CuratorRecords } from "../../store/curator.ts";
import type { CuratorPorts } from "./ports.ts";
import { writeBackup } from "./stages.ts";

export interface RollbackPorts extends Pick<CuratorPorts, "skills" | "files" | "clock"> {
  records: CuratorRecords;
  /** Opened for the person who asks. */
  person: SkillStore;
  ledger: Ledger;
  /** Takes back one change of a notebook; a sentence when it cannot be. */
  undoNotebook(entry: LedgerEntry): Promise<string | undefined>;
  owner: string;
}

const pageLines = 100;
/** Bounds a rollback of years. */
const maxPages = 200;
const keptBackups = 5;

export interface RolledBack {
  undone: LedgerEntry[];
  /** What stays as it is, and why. */
  left: string[];
}

/** `undefined` when there is no such run to go back before. */
export async function rollBackRun(
  run: string | undefined,
  ports: RollbackPorts,
): Promise<(RolledBack & { run: string }) | undefined> {
  const { state } = await ports.records.read();
  const backup =
    run === undefined
      ? state.backups.find((each) => !each.run.startsWith("before-"))
      : state.backups.find((each) => each.run === run);
  if (!backup) return undefined;
  await backUpFirst(ports);
  const result: RolledBack = { undone: [], left: [] };
  for (const entry of await curatorEntriesSince(backup.at, ports)) {
    const problem = await undoEntry(entry, ports);
    if (problem === undefined) result.undone.push(entry);
    else result.left.push(`${entry.subject.name}: ${problem}`);
  }
  return { ...result, run: backup.run };
}

/** A sentence when it cannot be taken back. */
export async function undoEntry(
  entry: LedgerEntry,
  { person, undoNotebook }: Pick<RollbackPorts, "person" | "undoNotebook">,
): Promise<string | undefined> {
  if (entry.subject.kind === "notebook") return undoNotebook(entry);
  const undone = await person.undo(entry.id);
  if (undone.ok) return undefined;
  return undone.conflict ? "somebody changed it at the same moment; try once more" : undone.problem;
}

/** So that what is taken back by mistake is known, too. */
async function backUpFirst({ skills, files, clock, records }: RollbackPorts): Promise<void> {
  const at = clock.now();
  const name = `before-rollback-${new Date(at).toISOString().replace(/[-:.]/g, "")}`;
  await writeBackup(name, at, { skills, files });
  const { state, version } = await records.read();
  // Of the list only: the copy itself is there whoever wins.
  await records.write({ ...state, backups: [{ run: name, at }, ...state.backups].slice(0, keptBackups) }, version);
}

/** Newest first, so that later changes never stand in the way of earlier ones. */
async function curatorEntriesSince(at: number, { ledger, owner }: RollbackPorts): Promise<LedgerEntry[]> {
  const found: LedgerEntry[] = [];
  let before: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const lines = await ledger.list({ owner, limit: pageLines, ...(before !== undefined && { before }) });
    found.push(
      ...lines.filter(
        (line) => line.at >= at && line.actor === "curator" && line.undoneBy === undefined && line.action !== "undo",
      ),
    );
    const last = lines.at(-1);
    if (last === undefined || last.at < at || last.id === before || lines.length < pageLines) break;
    before = last.id;
  }
  return found;
}
