import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { zstdCompress, zstdCompressSync, zstdDecompress } from "node:zlib";
import type { Blobs } from "../store/bodies.ts";
import { openSegment, type Segment } from "./segment.ts";

const compressLarge = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Up to this size a thread would cost more than it frees: its hand-over, and memory of its own for the compression. */
const smallBytes = 512 * 1024;
const compress = (bytes: Buffer): Uint8Array | Promise<Uint8Array> =>
  bytes.length > smallBytes ? compressLarge(bytes) : zstdCompressSync(bytes, { pledgedSrcSize: bytes.length });

/** Segments on the function's disk: fetched on first use, the least recently used forgotten when they grow too many. */
export interface Shelf {
  /** Hands over the segment while it is sure to be open. */
  use<T>(key: string, owner: string, work: (segment: Segment) => T): Promise<T>;
  /** Hands over the files of these segments while they are sure to be there. */
  useFiles<T>(keys: readonly string[], work: (paths: string[]) => T | Promise<T>): Promise<T>;
  /** Has a new segment written to a file, uploads it under this key and keeps it; the size of the file in bytes. */
  store(key: string, write: (path: string) => void): Promise<number>;
  close(): void;
}

export interface ShelfOptions {
  blobs: Blobs;
  /** Of this process alone; what an earlier process left there is used again. */
  folder: string;
  maxBytes: number;
}

interface Kept {
  bytes: number;
  segment?: Segment;
}

const suffix = ".segment";
/** An open segment holds memory of SQLite's: enough of them for a person with years of sessions, and no more. */
const maxOpen = 64;
const nameOf = (key: string) => `${createHash("sha256").update(key).digest("hex")}${suffix}`;

export function openShelf({ blobs, folder, maxBytes }: ShelfOptions): Shelf {
  const kept = openFolder(folder, maxBytes);
  const fetching = new Map<string, Promise<void>>();

  async function fetchOnce(key: string, name: string): Promise<void> {
    const bytes = await decompress(await blobs.get(key));
    await kept.fill(name, (draft) => writeFile(draft, bytes));
  }

  async function ensure(key: string): Promise<void> {
    const name = nameOf(key);
    while (!kept.touch(name)) {
      const running = fetching.get(name) ?? fetchOnce(key, name).finally(() => fetching.delete(name));
      fetching.set(name, running);
      await running;
    }
  }

  async function holding<T>(keys: readonly string[], work: () => T | Promise<T>): Promise<T> {
    const release = kept.pin(keys.map(nameOf));
    try {
      await Promise.all(keys.map(ensure));
      return await work();
    } finally {
      release();
    }
  }

  return {
    use: (key, owner, work) => holding([key], () => work(kept.segment(nameOf(key), owner))),
    useFiles: (keys, work) => holding(keys, () => work(keys.map((key) => join(folder, nameOf(key))))),
    store: (key, write) =>
      kept.fill(nameOf(key), async (draft) => {
        write(draft);
        await blobs.put(key, await compress(await readFile(draft)));
      }),
    close: kept.close,
  };
}

/** The bounded folder beneath. */
function openFolder(folder: string, maxBytes: number) {
  mkdirSync(folder, { recursive: true });
  /** Least recently used first. */
  const kept = new Map<string, Kept>();
  const pins = new Map<string, number>();
  for (const name of readdirSync(folder)) {
    if (name.endsWith(suffix)) kept.set(name, { bytes: statSync(join(folder, name)).size });
    else rmSync(join(folder, name), { force: true });
  }

  function shrink(): void {
    let total = [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [name, { bytes, segment }] of kept) {
      if (total <= maxBytes) return;
      if (pins.has(name)) continue;
      segment?.close();
      kept.delete(name);
      rmSync(join(folder, name), { force: true });
      total -= bytes;
    }
  }

  /** The file comes under its name in one piece, or not at all. */
  async function fill(name: string, write: (draft: string) => Promise<void>): Promise<number> {
    const draft = join(folder, `${randomUUID()}.draft`);
    try {
      await write(draft);
      const { size } = statSync(draft);
      kept.get(name)?.segment?.close();
      renameSync(draft, join(folder, name));
      kept.set(name, { bytes: size });
      shrink();
      return size;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  function touch(name: string): boolean {
    const entry = kept.get(name);
    if (entry === undefined) return false;
    kept.delete(name);
    kept.set(name, entry);
    return true;
  }

  function pin(names: readonly string[]): () => void {
    for (const name of names) pins.set(name, (pins.get(name) ?? 0) + 1);
    return () => {
      for (const name of names) {
        const left = (pins.get(name) ?? 1) - 1;
        if (left > 0) pins.set(name, left);
        else pins.delete(name);
      }
      shrink();
    };
  }

  function segment(name: string, owner: string): Segment {
    const entry = kept.get(name)!;
    entry.segment ??= openSegment(join(folder, name), owner);
    const open = [...kept.values()].filter((other) => other.segment !== undefined);
    for (const other of open.slice(0, Math.max(0, open.length - maxOpen))) {
      if (other === entry) continue;
      other.segment?.close();
      delete other.segment;
    }
    return entry.segment;
  }

  function close(): void {
    for (const { segment } of kept.values()) segment?.close();
    kept.clear();
  }

  return { fill, touch, pin, segment, close };
}
