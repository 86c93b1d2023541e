/** Skills for tests: the real store on the embedded cloud's database and files, and a ledger in memory. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { newId } from "../../../core/base/ids.ts";
import type { Ledger, LedgerEntry } from "../../../core/learning/ledger.ts";
import type { SkillStore } from "../../../core/skills/library.ts";
import type { Actor, Committed, SkillFile, SkillRecord } from "../../../core/skills/skill.ts";
import { openBlobs } from "../../../core/store/blobs.ts";
import type { Blobs } from "../../../core/store/bodies.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openSkillLibrary, type SkillLibraryOptions } from "../../../core/store/skills.ts";
import { openTable, type Table } from "../../../core/store/table.ts";
import { startCloud } from "../../../local/cloud/index.ts";
import { manifest, resourceEnvironment } from "../../../stacks/manifest.ts";

export interface SkillBench {
  table: Table;
  blobs: Blobs;
  /** A library of a profile that no other case uses, unless one is named. */
  open(options?: Partial<SkillLibraryOptions>): SkillStore & { ledger: MemoryLedger; profile: string };
  /** Libraries of one profile with one ledger, by actor. */
  shared(): {
    profile: string;
    ledger: MemoryLedger;
    as: (actor: Actor, more?: Partial<SkillLibraryOptions>) => SkillStore & { ledger: MemoryLedger; profile: string };
  };
  close(): Promise<void>;
}

export type MemoryLedger = Ledger & { entries: LedgerEntry[] };

let profiles = 0;
/** A name that no other case uses. */
export const freshProfile = (): string => `profile-${(profiles += 1)}`;

export async function startSkillBench(): Promise<SkillBench> {
  const dataFolder = mkdtempSync(join(tmpdir(), "talaria-skills-"));
  const cloud = await startCloud({ manifest, dataFolder, mode: "in-process", port: 0, environment: {} });
  Object.assign(process.env, cloud.awsEnvironment);
  const table = openTable(String(cloud.awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
  const blobs = openBlobs(String(cloud.awsEnvironment[resourceEnvironment.bucket]));
  const open: SkillBench["open"] = (options = {}) => {
    const ledger = memoryLedger();
    const chosen = {
      table,
      blobs,
      ledger,
      profile: freshProfile(),
      actor: "person" as const,
      now: Date.now,
      ...options,
    };
    return { ...openSkillLibrary(chosen), ledger: chosen.ledger as MemoryLedger, profile: chosen.profile };
  };
  return {
    table,
    blobs,
    open,
    shared() {
      const common = { profile: freshProfile(), ledger: memoryLedger() };
      return { ...common, as: (actor, more = {}) => open({ ...common, actor, session: "ses_1", ...more }) };
    },
    async close() {
      await cloud.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Keeps its lines in memory; append-only as the real one. */
export function memoryLedger(): MemoryLedger {
  const entries: LedgerEntry[] = [];
  return {
    entries,
    async append(entry) {
      const line = { ...structuredClone(entry), id: newId("ledger"), at: Date.now() };
      entries.push(line);
      return line;
    },
    async list({ owner, limit }) {
      return entries
        .filter((entry) => entry.owner === undefined || entry.owner === owner)
        .toReversed()
        .slice(0, limit);
    },
    async find(id) {
      return entries.find((entry) => entry.id === id);
    },
    async markUndone(id, by) {
      const entry = entries.find((each) => each.id === id);
      if (!entry || entry.undoneBy !== undefined) return false;
      entry.undoneBy = by;
      return true;
    },
  };
}

/** The text of a SKILL.md. */
export const skillText = (
  name: string,
  { description = `Use for ${name}.`, body = `# ${name}\n\nDo it.`, extra = "" } = {},
): string => `---\nname: ${name}\ndescription: ${JSON.stringify(description)}\n${extra}---\n\n${body}\n`;

export const filesOf = (
  name: string,
  about: Parameters<typeof skillText>[1] = {},
  more: SkillFile[] = [],
): SkillFile[] => [{ path: "SKILL.md", content: skillText(name, about) }, ...more];

export const reason = "a test";
export const recordOf = (committed: Committed): SkillRecord => {
  if (!committed.ok) throw new Error(JSON.stringify(committed));
  return committed.record;
};
export const create = async (
  library: SkillStore,
  name: string,
  about: Parameters<typeof filesOf>[1] = {},
  more: SkillFile[] = [],
) => recordOf(await library.commit({ name, files: filesOf(name, about, more), version: 0, reason }));
export const current = async (library: SkillStore, name: string): Promise<SkillRecord> => {
  const record = await library.find(name);
  if (!record) throw new Error(`no skill ${name}`);
  return record;
};
/** Commits another body from the version that is current. */
export const rewrite = async (library: SkillStore, name: string, body: string): Promise<Committed> => {
  const { version } = await current(library, name);
  return library.commit({ name, files: filesOf(name, { body }), version, reason });
};
export const textAt = async (library: SkillStore, record: SkillRecord, path = "SKILL.md") => {
  const bytes = await library.readFile(record, path);
  return bytes && Buffer.from(bytes).toString("utf8");
};

/** The answer of a library that says no in words. */
export const refusing = (problem: RegExp) => ({ ok: false, conflict: false, problem: expect.stringMatching(problem) });
