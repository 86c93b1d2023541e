import { randomBytes } from "node:crypto";
import { mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mostReservedBytes, mostReservedFiles, reserveOf, roomOn, shareOfReserve } from "./room.ts";

/**
 * Holds a part of the reserve on a small volume, which a script can fill between two looks at it: what is held here no
 * script can take, and removing it gives it to the agent. On a large volume the reserve alone is enough.
 */
export interface Ballast {
  /** Takes what is missing of it, where there is room for it. */
  take(): Promise<void>;
  release(): Promise<void>;
}

const mostBytes = 32 * 1024 ** 2;
const chunk = 1024 ** 2;
/** More than the share below which nothing is started: otherwise nobody could delete anything after a release. */
const shareOfFiles = 1 / 4;

export function ballastIn(folder: string): Ballast {
  // No workspace can have a name that begins with a dot.
  const file = join(folder, ".reserve");
  const files = join(folder, ".reserve-files");
  return {
    async take() {
      const room = await roomOn(folder);
      if (shareOfReserve(room) < 2) return;
      const reserve = reserveOf(room);
      if (reserve.bytes < mostReservedBytes) await takeBytes(file, Math.min(mostBytes, reserve.bytes / 2));
      if (room.files !== undefined && reserve.files < mostReservedFiles)
        await takeFiles(files, Math.ceil(reserve.files * shareOfFiles));
    },
    async release() {
      for (const path of [file, files]) await rm(path, { recursive: true, force: true });
    },
  };
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function takeBytes(file: string, bytes: number): Promise<void> {
  if (!(await exists(file))) await fill(file, bytes).catch(() => rm(file, { force: true }));
}

async function takeFiles(folder: string, count: number): Promise<void> {
  if (await exists(join(folder, String(count)))) return;
  try {
    await mkdir(folder, { recursive: true });
    for (let name = 1; name <= count; name++) await writeFile(join(folder, String(name)), "");
  } catch {
    await rm(folder, { recursive: true, force: true });
  }
}

/** With random bytes: a file system that compresses would keep no room for zeros. */
async function fill(file: string, bytes: number): Promise<void> {
  const handle = await open(file, "w", 0o600);
  try {
    for (let left = bytes; left > 0; left -= chunk) await handle.write(randomBytes(Math.min(chunk, Math.ceil(left))));
  } finally {
    await handle.close();
  }
}
