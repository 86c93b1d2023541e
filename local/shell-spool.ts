import { constants, type FSWatcher, watch } from "node:fs";
import { type FileHandle, mkdir, open, opendir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import { messageOf } from "../core/base/errors.ts";
import { parseJson } from "../core/base/json.ts";
import type { Log } from "../core/base/log.ts";
import { sideFolderAt, sideFolders } from "../core/shells/local/runner.ts";

export interface SpoolOptions {
  /** The folder that holds the workspaces. */
  workspaces: string;
  /** Where jobs ring, below `/shell/jobs/`. Nothing else is ever called, whatever address a file names. */
  url: string;
  log: Log;
}

/** A job's ring, as the workspace wrote it: nothing in it is believed but that something happened. */
const ringSchema = z.object({ url: z.string(), body: z.record(z.string(), z.unknown()) });

/** A ring is short; what is longer is none. */
const maxBytes = 8_192;
/** A folder's watch can miss something, and what was not taken is tried again. */
const lookEveryMs = 3_000;
const requestMs = 20_000;
/** After this nobody waits for it any more. */
const maxAgeMs = 3_600_000;
/** Of one workspace in one look, so that one with a million files cannot keep us busy. */
const maxFiles = 64;
const maxEntries = 1_000;

/**
 * Passes on what the jobs of all workspaces ring, since a sandbox has no network to do it itself. Whatever is left from
 * before a restart is passed on too. A ring that was not taken is tried again for an hour.
 */
export function watchSpools(options: SpoolOptions): { close(): Promise<void> } {
  const root = join(options.workspaces, sideFolders);
  const watchers = new Map<string, FSWatcher>();
  const closing = new AbortController();
  let isWanted = true;
  let working: Promise<void> | undefined;

  const look = async () => {
    await mkdir(root, { recursive: true });
    for (const name of await readdir(root)) {
      const { spool } = sideFolderAt(join(root, name));
      if (!closing.signal.aborted) observe(watchers, spool, wake);
      await emptySpool(spool, { ...options, signal: closing.signal });
    }
  };
  const work = async () => {
    while (isWanted && !closing.signal.aborted) {
      isWanted = false;
      await look().catch((error: unknown) => options.log.warn("spool.failed", { reason: messageOf(error) }));
    }
    working = undefined;
  };
  const wake = () => {
    isWanted = true;
    working ??= work();
  };
  wake();
  const timer = setInterval(wake, lookEveryMs);
  return {
    async close() {
      clearInterval(timer);
      closing.abort();
      for (const watcher of watchers.values()) watcher.close();
      await working;
    },
  };
}

/** Watches a folder from now on; one that is not there (yet) is found by the next look. */
function observe(watchers: Map<string, FSWatcher>, folder: string, wake: () => void): void {
  if (watchers.has(folder)) return;
  try {
    const forget = () => watchers.delete(folder);
    watchers.set(folder, watch(folder, { persistent: false }, wake).on("error", forget).on("close", forget));
  } catch {
    // ENOENT, or no watches left on this machine.
  }
}

type Passing = SpoolOptions & { signal: AbortSignal };

async function emptySpool(spool: string, passing: Passing): Promise<void> {
  const names: string[] = [];
  try {
    let left = maxEntries;
    for await (const entry of await opendir(spool)) {
      if (entry.isFile() && /^[A-Za-z0-9_-]{1,128}\.\d{1,9}\.json$/.test(entry.name)) names.push(entry.name);
      if (--left === 0 || names.length === maxFiles) break;
    }
  } catch {
    // ENOENT: this workspace was never used by a shell with a spool.
  }
  await Promise.all(names.map((name) => passOn(join(spool, name), passing)));
}

async function passOn(file: string, passing: Passing): Promise<void> {
  const read = await readRing(file);
  if (read === undefined) return;
  const isDone = read.ring === undefined || (await post(read.ring, passing)) || read.ageMs > maxAgeMs;
  if (isDone) await rm(file, { force: true }).catch(() => {});
}

interface Read {
  ring: z.infer<typeof ringSchema> | undefined;
  ageMs: number;
}

/** The ring in a file of which the workspace is the master: by now it may be a link, a FIFO, a folder or anything. */
async function readRing(file: string): Promise<Read | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const about = await handle.stat();
    if (!about.isFile()) return undefined;
    const ageMs = Date.now() - about.mtimeMs;
    if (about.size > maxBytes) return { ring: undefined, ageMs };
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
    return { ring: ringSchema.safeParse(parseJson(buffer.toString("utf8", 0, bytesRead))).data, ageMs };
  } catch {
    // ENOENT: it is gone; ELOOP: a link.
    return undefined;
  } finally {
    await handle?.close();
  }
}

/** True when the ring was taken, is not wanted any more, or was none of ours. */
async function post(
  { url, body }: z.infer<typeof ringSchema>,
  { url: allowed, log, signal }: Passing,
): Promise<boolean> {
  const path = URL.parse(url)?.pathname;
  if (path === undefined || !/^\/shell\/jobs\/[A-Za-z0-9_-]{1,128}$/.test(path)) {
    log.warn("spool.refused");
    return true;
  }
  // Of the address only the job counts: after a restart we listen on another port than when the job was started.
  const target = new URL(path, allowed);
  try {
    const response = await fetch(target, {
      method: "POST",
      redirect: "error",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
    });
    await response.body?.cancel();
    return response.ok || response.status === 410;
  } catch (error) {
    if (!signal.aborted) log.warn("spool.unheard", { job: basename(target.pathname), reason: messageOf(error) });
    return false;
  }
}
