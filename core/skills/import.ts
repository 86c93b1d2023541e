/** Skills of others: fetched, looked at, and only then kept. Until then they are in this function's memory alone. */
import { bytesOfFile, mainFile, parseSkill, textOfFile } from "./format.ts";
import { fetchSafely, type Network } from "./fetch-safely.ts";
import { type ImportSource, importSource } from "./import-source.ts";
import type { SkillStore } from "./library.ts";
import { type Scan, scanSkill } from "./scan.ts";
import type { Committed, SkillFile, SkillRecord } from "./skill.ts";
import { readTarGz, type TarEntry } from "./tar.ts";

export const importLimits = {
  files: 50,
  totalBytes: 1024 * 1024,
  fileBytes: 256 * 1024,
  archiveBytes: 24 * 1024 * 1024,
  unpackedBytes: 96 * 1024 * 1024,
} as const;

export interface ImportOptions {
  now: () => number;
  /** Takes what the scan has doubts about; what it finds dangerous is never taken. */
  force?: boolean;
  network?: Network;
  /** The address of a repository's archive; another one in tests. */
  archiveOf?: (repository: string, ref: string) => string;
}

export type Imported =
  | { ok: true; record: SkillRecord; scan: Scan; isUpdate: boolean }
  | { ok: false; problem: string; scan?: Scan };

const no = (problem: string, scan?: Scan): Imported => ({ ok: false, problem, ...(scan && { scan }) });

/** Imports the skill at an address, or brings an imported one up to date when nobody changed it since. */
export async function importSkill(library: SkillStore, address: string, options: ImportOptions): Promise<Imported> {
  const source = importSource(address, options.archiveOf);
  const found = await fetchFiles(source, options.network);
  if ("problem" in found) return no(found.problem);
  const excess = problemOfSize(found.files);
  if (excess !== undefined) return no(excess);
  const name = nameOf(found.files);
  if ("problem" in name) return no(name.problem);
  const scan = scanSkill(found.files);
  const refusal = problemOfScan(scan, source.isTrusted, options.force === true);
  if (refusal !== undefined) return no(refusal, scan);
  return keep(library, { name: name.name, files: found.files, scan, address }, options.now());
}

type Found = { files: SkillFile[] } | { problem: string };

async function fetchFiles(source: ImportSource, network: Network | undefined): Promise<Found> {
  const options = network ? { network } : {};
  if (source.kind === "file") {
    const content = await fetchSafely(source.url, { ...options, maxBytes: importLimits.fileBytes });
    return { files: [{ path: mainFile, content }] };
  }
  const bytes = await fetchSafely(source.url, { ...options, maxBytes: importLimits.archiveBytes });
  return skillInArchive(readTarGz(bytes, importLimits.unpackedBytes), source.folder);
}

/** The one skill under a folder of an archive; an archive of GitHub has everything in one folder. */
export function skillInArchive(entries: readonly TarEntry[], folder: string): Found {
  const roots = new Set(entries.map(({ path }) => path.replace(/^\.\//, "").split("/")[0]));
  const strip = roots.size === 1 ? 1 : 0;
  const placed = entries.map((entry) => ({
    ...entry,
    path: entry.path.replace(/^\.\//, "").split("/").slice(strip).join("/"),
  }));
  const inside = placed.filter(({ path }) => folder === "" || path.startsWith(`${folder}/`));
  const homes = inside.filter(
    ({ path, kind }) => kind === "file" && (path === mainFile || path.endsWith(`/${mainFile}`)),
  );
  const folders = homes.map(({ path }) => path.slice(0, -mainFile.length)).sort((a, b) => a.length - b.length);
  const home =
    folders.find((each) => each === (folder === "" ? "" : `${folder}/`)) ??
    (folders.length === 1 ? folders[0] : undefined);
  if (folders.length === 0)
    return { problem: `There is no ${mainFile} ${folder === "" ? "in the archive" : `under ${folder}`}.` };
  if (home === undefined) {
    const names = folders.slice(0, 20).map((each) => `\`${each.slice(0, -1)}\``);
    return {
      problem: `There are ${folders.length} skills: give the address of one folder. ${names.join(", ")}${folders.length > 20 ? ", …" : ""}`,
    };
  }
  const own = placed.filter(({ path }) => path.startsWith(home));
  const link = own.find(({ kind }) => kind === "other");
  if (link) return { problem: `${link.path} is a link or a device: such skills are not imported.` };
  return {
    files: own
      .filter(({ kind }) => kind === "file")
      .map(({ path, content }) => ({ path: path.slice(home.length), content })),
  };
}

function problemOfSize(files: readonly SkillFile[]): string | undefined {
  const sizes = files.map(({ content }) => bytesOfFile(content).length);
  if (files.length > importLimits.files)
    return `The skill has ${files.length} files; at most ${importLimits.files} are imported.`;
  if (sizes.some((size) => size > importLimits.fileBytes)) return "A file of the skill is over 256 KB.";
  return sizes.reduce((a, b) => a + b, 0) > importLimits.totalBytes ? "The skill is over 1 MB." : undefined;
}

function nameOf(files: readonly SkillFile[]): { name: string } | { problem: string } {
  const main = files.find(({ path }) => path === mainFile);
  const text = main && textOfFile(main.content);
  if (text === undefined) return { problem: `${mainFile} is not text.` };
  const parsed = parseSkill(text);
  return parsed.ok ? { name: parsed.facts.name } : { problem: parsed.problem };
}

function problemOfScan({ verdict }: Scan, isTrusted: boolean, force: boolean): string | undefined {
  if (verdict === "dangerous") return "The scan found it dangerous: it is not imported.";
  if (verdict === "caution" && !isTrusted && !force)
    return "The scan has doubts. Read what it found; to import it all the same, add --force.";
  return undefined;
}

interface Candidate {
  name: string;
  files: SkillFile[];
  scan: Scan;
  address: string;
}

async function keep(library: SkillStore, { name, files, scan, address }: Candidate, now: number): Promise<Imported> {
  const current = await library.find(name);
  const lock = current && (await library.lockOf(name));
  const isUnchanged = current?.origin === "hub" && lock?.revision === current.revision && lock.source === address;
  if (current && !isUnchanged)
    return no(`There is a skill ${name} already, from elsewhere or changed since its import.`, scan);
  const change = { name, files, version: current?.version ?? 0, reason: `imported from ${address}` };
  const about = { source: address, verdict: scan.verdict, findings: scan.findings.length, importedAt: now };
  const committed: Committed = await library.commit(change, about);
  if (committed.ok) return { ok: true, record: committed.record, scan, isUpdate: current !== undefined };
  return no(committed.conflict ? "Somebody else changed it at the same time: try again." : committed.problem, scan);
}
