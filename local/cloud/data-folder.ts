import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseJson } from "../../core/base/json.ts";
import { refused } from "../../core/base/errors.ts";
import { processStart, isRunning } from "./process-identity.ts";

export interface DataFolder {
  path: string;
  /** The holder of the folder before us ended without closing it (a crash, `kill -9`, a power cut). */
  wasAbandoned: boolean;
  /** A folder below, made when missing. */
  sub(name: string): string;
  /** Lets the next process have the folder. */
  release(): void;
}

interface Holder {
  pid: number;
  /** Tells the holder from a later process with the same number; absent where the system does not say. */
  startedAt?: string;
}

/**
 * Takes a data folder for this process alone: two clouds in one folder would answer every message twice. The lock of
 * a process that is gone is taken over.
 *
 * @throws a refusal that names the folder and the process which holds it.
 */
export function openDataFolder(path: string): DataFolder {
  const folder = resolve(path);
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, "lock.json");
  const wasAbandoned = takeLock(folder, lock);
  return {
    path: folder,
    wasAbandoned,
    sub: (name) => {
      const below = join(folder, name);
      mkdirSync(below, { recursive: true });
      return below;
    },
    release: () => {
      if (readHolder(lock)?.pid === process.pid) rmSync(lock, { force: true });
    },
  };
}

/** The process that has a data folder, if one has. */
export function holderOf(path: string): number | undefined {
  const holder = readHolder(join(resolve(path), "lock.json"));
  return holder !== undefined && isRunning(holder.pid, holder.startedAt) ? holder.pid : undefined;
}

/** Whether a dead process's lock had to be removed first. */
function takeLock(folder: string, lock: string): boolean {
  const startedAt = processStart(process.pid);
  const mine: Holder = { pid: process.pid, ...(startedAt !== undefined && { startedAt }) };
  // Without writing, which a full disk would not take.
  refuseWhileHeld(folder, lock);
  const draft = `${lock}.${process.pid}`;
  try {
    writeFileSync(draft, JSON.stringify(mine));
    if (tryLink(draft, lock)) return false;
    const holder = refuseWhileHeld(folder, lock);
    removeStale(lock, holder, `${draft}.stale`);
    if (!tryLink(draft, lock)) throw heldBy(folder, readHolder(lock)?.pid);
    return true;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Who had the folder, when that process has ended. */
function refuseWhileHeld(folder: string, lock: string): Holder | undefined {
  const holder = readHolder(lock);
  if (holder !== undefined && isRunning(holder.pid, holder.startedAt)) throw heldBy(folder, holder.pid);
  return holder;
}

/**
 * Renames before it removes, so that it can put back what another process locked since we looked. Who comes second at
 * that finds nothing to remove.
 */
function removeStale(lock: string, expected: Holder | undefined, aside: string): void {
  if (!tryMove(lock, aside)) return;
  const found = readHolder(aside);
  if (found?.pid !== expected?.pid || found?.startedAt !== expected?.startedAt) tryLink(aside, lock);
  rmSync(aside);
}

function tryMove(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** A hard link appears with its content in one step, so nobody ever reads a half-written lock. */
function tryLink(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(lock: string): Holder | undefined {
  try {
    const holder = parseJson(readFileSync(lock, "utf8"));
    return typeof holder === "object" && holder !== null && "pid" in holder ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

const heldBy = (folder: string, pid: number | undefined) =>
  refused(
    `The data folder ${folder} is in use by ${pid === undefined ? "another process" : `process ${pid}`}. ` +
      "Stop that one first, or name another folder in TALARIA_DATA.",
    { code: "cloud.folder-in-use" },
  );
