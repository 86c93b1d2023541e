import type * as z from "zod";
import { bytesOfFile } from "../skills/format.ts";
import type { FileEntry, treeOf } from "../skills/library.ts";
import { type SkillFile, skillRecordSchema } from "../skills/skill.ts";
import type { Blobs } from "./bodies.ts";

/** The files of revisions: written once, never changed. */
export interface SkillFiles {
  write(name: string, tree: ReturnType<typeof treeOf>, files: readonly SkillFile[]): Promise<void>;
  /** `undefined` when the revision has no such file. */
  read(name: string, revision: string, path: string): Promise<{ entry: FileEntry; bytes: Uint8Array } | undefined>;
}

const entriesSchema: z.ZodType<FileEntry[]> = skillRecordSchema.shape.files;
const atOnce = 8;
const keptListings = 500;

/**
 * Files are kept under `skills/<profile>/<name>/<revision>/`, and beside that folder their list: a store that must not
 * say which keys it has cannot be asked whether a file is missing.
 */
export function openSkillFiles(blobs: Blobs, profile: string): SkillFiles {
  const listings = new Map<string, Promise<FileEntry[]>>();
  const folderOf = (name: string, revision: string) => `skills/${encodeURIComponent(profile)}/${name}/${revision}`;

  const write: SkillFiles["write"] = async (name, { revision, entries }, files) => {
    const folder = folderOf(name, revision);
    for (let at = 0; at < files.length; at += atOnce) {
      const batch = files.slice(at, at + atOnce);
      await Promise.all(batch.map(({ path, content }) => blobs.put(`${folder}/${path}`, bytesOfFile(content))));
    }
    await blobs.put(`${folder}.json`, Buffer.from(JSON.stringify(entries)));
  };

  async function load(listing: string): Promise<FileEntry[]> {
    const bytes = await blobs.get(listing);
    return entriesSchema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  }

  function entriesOf(listing: string): Promise<FileEntry[]> {
    const known = listings.get(listing);
    if (known) return known;
    if (listings.size >= keptListings) listings.clear();
    const loading = load(listing);
    listings.set(listing, loading);
    // A failure is not kept.
    loading.catch(() => listings.delete(listing));
    return loading;
  }

  const read: SkillFiles["read"] = async (name, revision, path) => {
    if (!/^[0-9a-f]{32}$/.test(revision)) return undefined;
    const folder = folderOf(name, revision);
    const entry = (await entriesOf(`${folder}.json`)).find((each) => each.path === path);
    return entry && { entry, bytes: await blobs.get(`${folder}/${path}`) };
  };

  return { write, read };
}
