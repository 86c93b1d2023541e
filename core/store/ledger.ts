import { createHash } from "node:crypto";
import { newId } from "../base/ids.ts";
import { pack, unpack } from "../base/json.ts";
import { type Ledger, type LedgerEntry, ledgerEntrySchema } from "../learning/ledger.ts";
import { type Key, ledgerKey, notebookKey, skillKey } from "./keys.ts";
import type { Item, Table } from "./table.ts";

/** Lines that concern nobody alone. */
const everybody = "all";

/** A person's lines lie by themselves. The scope is a part of the id, so that a line is found by its id alone. */
const scopeOf = (owner: string | undefined): string =>
  owner === undefined ? everybody : createHash("sha256").update(owner).digest("hex").slice(0, 16);

const idPattern = /^led_[0-9A-Z]{26}-([0-9a-z]+)$/;

/** `undefined` for what is no id of a line. */
function keyOf(profile: string, id: string): Key | undefined {
  const scope = idPattern.exec(id)?.[1];
  return scope === undefined ? undefined : ledgerKey(profile, `${scope}#${id}`);
}

const defaultLimit = 20;
const maxLimit = 100;
/** Lines that never came to be are rare: a page that is short of them is filled up so often. */
const maxPages = 10;

function toEntry(item: Item): LedgerEntry {
  const stored = unpack(item["body"] as Uint8Array) as LedgerEntry;
  const undoneBy = item["undoneBy"];
  return ledgerEntrySchema.parse({ ...stored, ...(typeof undoneBy === "string" && { undoneBy }) });
}

/**
 * Marks a line as one that has happened. What it is about refers to its newest line itself; each earlier one is settled
 * before it refers to another.
 */
export async function settleLine(table: Table, profile: string, id: string): Promise<void> {
  const key = keyOf(profile, id);
  if (!key) return;
  await table.change(key, {
    update: "SET settled = :yes",
    condition: "attribute_exists(pk)",
    values: { ":yes": true },
  });
}

/** The ledger of a profile: one item a line, put once; only its marks change. */
export function openLedger(table: Table, profile: string, now: () => number): Ledger {
  const append: Ledger["append"] = async (entry) => {
    const scope = scopeOf(entry.owner);
    const line: LedgerEntry = { ...entry, id: `${newId("ledger")}-${scope}`, at: now() };
    await table.put(ledgerKey(profile, `${scope}#${line.id}`), { at: line.at, body: pack(line) });
    return line;
  };

  async function page(scope: string, before: string | undefined, limit: number): Promise<Item[]> {
    const items = await table.list({
      where: "pk = :pk AND sk BETWEEN :first AND :last",
      values: {
        ":pk": ledgerKey(profile, scope).pk,
        ":first": ledgerKey(profile, `${scope}#`).sk,
        ":last": ledgerKey(profile, `${scope}#${before ?? "~"}`).sk,
      },
      backwards: true,
      // The range has its end in it.
      limit: limit + 1,
    });
    return items.filter((item) => item["sk"] !== ledgerKey(profile, `${scope}#${before}`).sk).slice(0, limit);
  }

  /** A lost race undid its own line; a crash left one that its notebook or skill never referred to. */
  async function hasHappened(item: Item, entry: LedgerEntry): Promise<boolean> {
    if (entry.undoneBy === entry.id) return false;
    if (item["settled"] === true) return true;
    const { kind, name } = entry.subject;
    const changed = await table.get(kind === "skill" ? skillKey(profile, name) : notebookKey(profile, name));
    if (changed?.["ledger"] === entry.id) return true;
    // It may have been settled since it was read, and what it is about have moved on.
    return (await table.get(ledgerKey(profile, `${scopeOf(entry.owner)}#${entry.id}`)))?.["settled"] === true;
  }

  /** The newest lines of a scope that have happened. */
  async function listScope(
    owner: string | undefined,
    before: string | undefined,
    limit: number,
  ): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    let from = before;
    for (let pages = 0; pages < maxPages && entries.length < limit; pages += 1) {
      const items = await page(scopeOf(owner), from, limit);
      for (const item of items) {
        const entry = toEntry(item);
        from = entry.id;
        if (entry.owner === owner && (await hasHappened(item, entry))) entries.push(entry);
      }
      if (items.length < limit) break;
    }
    return entries;
  }

  const list: Ledger["list"] = async ({ owner, before, limit = defaultLimit }) => {
    const wanted = Math.max(1, Math.min(limit, maxLimit));
    const end = before?.split("-", 1)[0];
    const scopes = await Promise.all([listScope(undefined, end, wanted), listScope(owner, end, wanted)]);
    return scopes
      .flat()
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, wanted);
  };

  const find: Ledger["find"] = async (id) => {
    const key = keyOf(profile, id);
    const item = key && (await table.get(key));
    return item && toEntry(item);
  };

  const markUndone: Ledger["markUndone"] = async (id, by) => {
    const key = keyOf(profile, id);
    if (!key) return false;
    const changed = await table.change(key, {
      update: "SET undoneBy = :by",
      condition: "attribute_exists(pk) AND attribute_not_exists(undoneBy)",
      values: { ":by": by },
    });
    return changed !== undefined;
  };

  return { append, list, find, markUndone };
}
