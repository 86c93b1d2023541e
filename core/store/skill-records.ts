import * as z from "zod";
import { pack, unpack } from "../base/json.ts";
import type { ImportLock } from "../skills/library.ts";
import { type Counted, type SkillRecord, skillRecordSchema } from "../skills/skill.ts";
import { skillKey, skillPrefix } from "./keys.ts";
import { settleLine } from "./ledger.ts";
import type { Item, Table } from "./table.ts";

const lockSchema = z.object({
  source: z.string(),
  revision: z.string(),
  verdict: z.enum(["safe", "caution", "dangerous"]),
  findings: z.number(),
  importedAt: z.number(),
});

/** One item a skill. The counters are attributes of their own, so that counting never gets in the way of a change. */
export interface SkillRecords {
  read(name: string): Promise<SkillRecord | undefined>;
  list(): Promise<SkillRecord[]>;
  /** False when the version is not that of the item any more; 0 for a new one. */
  write(
    record: SkillRecord,
    version: number,
    about: { entry: string; lock?: ImportLock; session?: string },
  ): Promise<boolean>;
  count(name: string, what: Counted, when: { now: number; session: string | undefined }): Promise<void>;
  lockOf(name: string): Promise<ImportLock | undefined>;
  /** Marks lines of the ledger as happened: before a change that which the skill refers to, after it the new one. */
  settle(name: string, line?: string): Promise<void>;
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);

/** Counters come from their attributes; a trial ends when another session than the one that wrote the skill used it. */
function toRecord(item: Item): SkillRecord {
  const stored = unpack(item["body"] as Uint8Array) as SkillRecord;
  const proven = <State>(state: State) => (state === "trial" && item["proven"] === true ? "active" : state);
  return skillRecordSchema.parse({
    ...stored,
    state: proven(stored.state),
    stateInUse: proven(stored.stateInUse),
    version: numberOf(item["version"]),
    uses: numberOf(item["uses"]),
    views: numberOf(item["views"]),
    usedAt: numberOf(item["usedAt"]),
    viewedAt: numberOf(item["viewedAt"]),
    patches: numberOf(item["patches"]),
    reusedPatches: numberOf(item["reusedPatches"]),
    unhelpful: numberOf(item["unhelpful"]),
  });
}

/** `patches` is copied inside the database, so that no change in between is missed. */
const updates: Record<Counted, { update: string; names: Record<string, string> }> = {
  use: {
    update: "SET #usedAt = :now, #reusedPatches = #patches ADD #uses :one",
    names: { "#usedAt": "usedAt", "#reusedPatches": "reusedPatches", "#patches": "patches", "#uses": "uses" },
  },
  view: { update: "SET #viewedAt = :now ADD #views :one", names: { "#viewedAt": "viewedAt", "#views": "views" } },
  unhelpful: { update: "ADD #unhelpful :one", names: { "#unhelpful": "unhelpful" } },
};

export function openSkillRecords(table: Table, profile: string): SkillRecords {
  const keyOf = (name: string) => skillKey(profile, name);

  async function read(name: string): Promise<SkillRecord | undefined> {
    const item = await table.get(keyOf(name));
    return item && toRecord(item);
  }

  async function list(): Promise<SkillRecord[]> {
    const items = await table.list({
      where: "pk = :pk AND begins_with(sk, :prefix)",
      values: { ":pk": keyOf("").pk, ":prefix": skillPrefix },
    });
    return items.map(toRecord);
  }

  const write: SkillRecords["write"] = async (record, version, { entry, lock, session }) => {
    const values = {
      version: record.version,
      body: pack(record),
      patches: record.patches,
      ledger: entry,
      ...(lock && { lock }),
      ...(session !== undefined && { writtenIn: session }),
    };
    const names = Object.keys(values);
    const changed = await table.change(keyOf(record.name), {
      update: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
      condition: version === 0 ? "attribute_not_exists(pk)" : "#version = :before",
      names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      values: {
        ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
        ...(version > 0 && { ":before": version }),
      },
    });
    return changed !== undefined;
  };

  const count: SkillRecords["count"] = async (name, what, { now, session }) => {
    const item = await table.change(keyOf(name), {
      ...updates[what],
      condition: "attribute_exists(pk)",
      values: { ":one": 1, ...(what !== "unhelpful" && { ":now": now }) },
      returning: true,
    });
    const isElsewhere = session !== undefined && item?.["writtenIn"] !== session;
    if (what !== "use" || item === undefined || item["proven"] === true || !isElsewhere) return;
    await table.change(keyOf(name), {
      update: "SET #proven = :yes",
      names: { "#proven": "proven" },
      values: { ":yes": true },
    });
  };

  async function lockOf(name: string): Promise<ImportLock | undefined> {
    const item = await table.get(keyOf(name));
    return item?.["lock"] === undefined ? undefined : lockSchema.parse(item["lock"]);
  }

  async function settle(name: string, line?: string): Promise<void> {
    const id = line ?? (await table.get(keyOf(name)))?.["ledger"];
    if (typeof id === "string") await settleLine(table, profile, id);
  }

  return { read, list, write, count, lockOf, settle };
}
