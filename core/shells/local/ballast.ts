import { randomBytes } from "node:crypto";
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { mostReservedBytes, reserveOf, roomOn, shareOfReserve } from "./room.ts";

/**
 * A file that holds a part of the reserve on a small volume, which a script can fill between two looks at it: what the
 * file takes no script can take, and removing it gives it to the agent. On a large volume the reserve alone is enough.
 */
export interface Ballast {
  /** Makes the file where it is missing and there is room for it. */
  take(): Promise<void>;
  release(): Promise<void>;
}

const mostBytes = 32 * 1024 ** 2;
const chunk = 1024 ** 2;

export function ballastIn(folder: string): Ballast {
  // No workspace can have a name that begins with a dot.
  const file = join(folder, ".reserve");
  return {
    async take() {
      const room = await roomOn(folder);
      const reserve = reserveOf(room).bytes;
      if (reserve >= mostReservedBytes || shareOfReserve(room) < 2 || (await exists(file))) return;
      await fill(file, Math.min(mostBytes, reserve / 2)).catch(() => rm(file, { force: true }));
    },
    release: () => rm(file, { force: true }),
  };
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** With random bytes: a file system that compresses would keep no room for zeros. */
async function fill(file: string, bytes: number): Promise<void> {
  const handle = await open(file, "w", 0o600);
  try {
    for (let left = bytes; left > 0; left -= chunk) await handle.write(randomBytes(Math.min(chunk, Math.ceil(left))));
  } finally {
    await handle.close();
  }
}
