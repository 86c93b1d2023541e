/** A real volume of a few megabytes, for what happens when a disk is full. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  folder: string;
  /** Leaves no byte free. */
  fill(): void;
  /** Takes that back. */
  free(): void;
  remove(): void;
}

/** Why there can be none here, or `undefined`. */
export function smallDiskMissing(): string | undefined {
  try {
    mountSmallDisk(1).remove();
    return undefined;
  } catch {
    return "a small tmpfs cannot be mounted here (that needs root)";
  }
}

/** Absent, the number of files has no limit that anybody would meet. */
export function mountSmallDisk(megabytes: number, files?: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), "talaria-disk-"));
  const unmount = () => execFileSync("umount", ["--lazy", folder], { stdio: "ignore" });
  const filler = join(folder, "filler");
  const options = `size=${megabytes}m${files === undefined ? "" : `,nr_inodes=${files}`}`;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  return {
    folder,
    fill: () => fillWith(filler),
    free: () => rmSync(filler, { force: true }),
    remove: () => {
      unmount();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fillWith(path: string): void {
  const file = openSync(path, "a");
  try {
    for (const bytes of [1 << 20, 1 << 12, 1]) writeUntilFull(file, Buffer.alloc(bytes));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, chunk: Buffer): void {
  try {
    while (writeSync(file, chunk) === chunk.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
