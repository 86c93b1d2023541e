/**
 * One append-only JSONL file per execution. A record is written before what it describes goes on, so a killed process
 * loses nothing; `sync` also waits for the disk, so a lost power supply loses nothing that was answered for. All the
 * journals written in one turn of the event loop share one round of fdatasync.
 */
import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlink,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createHash } from "node:crypto";
import { parseJson } from "../../core/base/json.ts";

const flush = promisify(fdatasync);

export type WatchWrite = <Result>(write: () => Result) => Result;

export interface Journals {
  /** All of the records, or none when it throws. */
  append(id: string, records: readonly object[]): void;
  /** Makes a running journal empty: what it said is not promised to anybody. */
  clear(id: string): void;
  /** Resolves when everything appended so far is on disk; at once when fsync is off. */
  sync(): Promise<void>;
  /** Records of a running or finished execution, oldest first; [] when there are none. */
  read(id: string): unknown[];
  /** Like `read`, for a running one after a crash: what was half written is cut off, so that appending may go on. */
  recover(id: string): unknown[];
  /** Ids of executions that have not been archived. */
  running(): string[];
  /** Moves a finished journal out of the way of the next start. */
  archive(id: string): void;
  /** Ids of archived journals, oldest first. */
  archived(): string[];
  /** Removes an archived journal in the background; what a crash leaves is found by `archived` at the next start. */
  remove(id: string): void;
  close(): Promise<void>;
}

/** The name of an execution's journal: an ARN may hold characters that a file name may not. */
export const journalId = (executionArn: string): string =>
  createHash("sha256").update(executionArn).digest("hex").slice(0, 32);

const extension = ".jsonl";

export function openJournals(folder: string, fsync: boolean, watchWrite: WatchWrite): Journals {
  const live = join(folder, "running");
  const done = join(folder, "finished");
  for (const path of [live, done]) mkdirSync(path, { recursive: true });
  const livePath = (id: string) => join(live, id + extension);
  const donePath = (id: string) => join(done, id + extension);
  const group = createSyncGroup(fsync);

  return {
    append: (id, records) => {
      const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
      watchWrite(() => writeAll(group.file(livePath(id)), text));
    },
    clear: (id) => ftruncateSync(group.file(livePath(id))),
    sync: () => group.sync(),
    read: (id) => readRecords(livePath(id)) ?? readRecords(donePath(id)) ?? [],
    recover: (id) => recoverRecords(livePath(id)),
    running: () => idsIn(live),
    archive: (id) => renameSync(livePath(id), donePath(id)),
    archived: () => oldestFirst(idsIn(done), donePath),
    remove: (id) => unlink(donePath(id), () => {}),
    close: () => group.sync(),
  };
}

/**
 * `writeSync` may take only part of a long text. Where a full disk takes no more, that part is taken back: half a line
 * would swallow the next one.
 */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file, bytes, written);
  } catch (error) {
    ftruncateSync(file, fstatSync(file).size - written);
    throw error;
  }
}

/**
 * Keeps a file open from its first write until the round of fdatasync that follows, so the number of open files
 * follows the work under way and not the number of waiting executions.
 */
function createSyncGroup(fsync: boolean) {
  let dirty = new Map<string, number>();
  let next: Promise<void> | undefined;
  let running: Promise<void> = Promise.resolve();

  async function round(): Promise<void> {
    // Its failure was told to those who waited for it; the next round may go well.
    await running.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    const files = [...dirty.values()];
    dirty = new Map();
    next = undefined;
    running = flushAll(files, fsync);
    return running.finally(() => {
      running = Promise.resolve();
    });
  }

  const schedule = () => (next ??= round());
  return {
    file(path: string): number {
      const open = dirty.get(path) ?? openSync(path, "a");
      dirty.set(path, open);
      // Whoever needs to know waits with `sync`.
      schedule().catch(() => {});
      return open;
    },
    sync: (): Promise<void> => (dirty.size > 0 ? schedule() : running),
  };
}

async function flushAll(files: readonly number[], fsync: boolean): Promise<void> {
  const flushed = await Promise.allSettled(fsync ? files.map((file) => flush(file)) : []);
  for (const file of files) closeSync(file);
  const failure = flushed.find((one) => one.status === "rejected");
  if (failure) throw failure.reason;
}

const idsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length));

/** By last write, which was the ending. */
function oldestFirst(ids: readonly string[], pathOf: (id: string) => string): string[] {
  const dated = ids.map((id) => ({ id, atMs: statSync(pathOf(id)).mtimeMs }));
  return dated.sort((left, right) => left.atMs - right.atMs).map(({ id }) => id);
}

/** The records of every whole line, or undefined when there is no such file. */
const readRecords = (path: string): unknown[] | undefined =>
  existsSync(path) ? wholeRecords(readFileSync(path, "utf8")).records : undefined;

function recoverRecords(path: string): unknown[] {
  const text = readFileSync(path, "utf8");
  const { records, bytes } = wholeRecords(text);
  if (bytes < Buffer.byteLength(text)) truncateSync(path, bytes);
  return records;
}

/** A power cut leaves half a line, or blocks of nothing: from the first line that is no record on, nothing happened. */
function wholeRecords(text: string): { records: unknown[]; bytes: number } {
  const records: unknown[] = [];
  let bytes = 0;
  for (const line of text.split("\n").slice(0, -1)) {
    const record = parseJson(line);
    if (record === undefined) break;
    records.push(record);
    bytes += Buffer.byteLength(line) + 1;
  }
  return { records, bytes };
}
