import { createHash } from "node:crypto";
import { lchown, lstat, readdir } from "node:fs/promises";
import { basename, join } from "node:path";

/** Who the scripts of a workspace run as, seen from inside and, where we are root, from outside too. */
export interface Owner {
  uid: number;
  gid: number;
}

/** Above what distributions hand out to people and containers (up to 65,535 and, by default, 100,000 to 165,535). */
const firstUid = 1_000_000;
const uidCount = 1_000_000;

/**
 * When we run as root, scripts do not: the kernel never limits root's number of processes, and what escapes a sandbox
 * should be nobody. Each workspace has a user of its own, so that one cannot use up another's processes.
 */
export function ownerOf(folder: string): Owner {
  const uid = firstUid + (createHash("sha256").update(basename(folder)).digest().readUInt32BE(0) % uidCount);
  return { uid, gid: uid };
}

/** Hands the folder and all in it to the owner; a workspace that is already theirs costs one look. */
export async function handOver(folder: string, owner: Owner): Promise<void> {
  if ((await lstat(folder)).uid === owner.uid) return;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    await lchown(join(entry.parentPath, entry.name), owner.uid, owner.gid);
  // Last, so that a crash half-way is repeated.
  await lchown(folder, owner.uid, owner.gid);
}
