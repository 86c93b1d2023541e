import type { DynalitePart, DynaliteTable } from "dynalite/db/index.js";

/**
 * Makes the indexes fit the items again after a killed process. Dynalite writes the entries of an item's indexes and
 * then the item, one after the other, so a kill in between leaves an index that shows an item which was never written
 * or hides one that is there. It reads every item once. Nobody else may have the store open.
 */
export async function repairDynamoDb(folder: string, tableNames: string[]): Promise<void> {
  const { default: dynalite } = await import("dynalite/db/index.js");
  const store = dynalite.create({ path: folder });
  try {
    for (const tableName of tableNames) {
      const table = (await read(store.tableDb, tableName)) as DynaliteTable | undefined;
      // It was just being made: nobody has used it, and it will be made again.
      if (table !== undefined && table.TableStatus !== "ACTIVE") await remove(store.tableDb, tableName);
      if (table?.TableStatus !== "ACTIVE") continue;
      await dropWrongEntries(table);
      await putMissingEntries(table);
    }
  } finally {
    await store.db.close();
  }

  async function dropWrongEntries(table: DynaliteTable): Promise<void> {
    const items = store.getItemDb(table.TableName);
    for (const { kind, index } of indexesOf(table)) {
      const entries = store.getIndexDb(kind, table.TableName, index.IndexName);
      for await (const entry of entries.createValueStream({}) as AsyncIterable<unknown>) {
        const item = await read(items, dynalite.createKey(entry, table));
        const { deletes } = dynalite.getIndexActions([index], entry, item, table);
        for (const { key } of deletes) await remove(entries, key);
      }
    }
  }

  async function putMissingEntries(table: DynaliteTable): Promise<void> {
    const items = store.getItemDb(table.TableName);
    for await (const item of items.createValueStream({}) as AsyncIterable<unknown>) {
      for (const { kind, index } of indexesOf(table)) {
        const { puts } = dynalite.getIndexActions([index], undefined, item, table);
        const entries = store.getIndexDb(kind, table.TableName, index.IndexName);
        for (const entry of puts) await write(entries, entry.key, entry.item);
      }
    }
  }
}

const indexesOf = (table: DynaliteTable) => [
  ...(table.LocalSecondaryIndexes ?? []).map((index) => ({ kind: "Local" as const, index })),
  ...(table.GlobalSecondaryIndexes ?? []).map((index) => ({ kind: "Global" as const, index })),
];

/** Dynalite's store speaks callbacks; a missing value is `undefined` in its newer LevelDB and an error in its older. */
const read = (part: DynalitePart, key: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    part.get(key, (error, value) => {
      if (error !== null && error.name !== "NotFoundError") reject(error);
      else resolve(value);
    });
  });

const write = (part: DynalitePart, key: string, value: unknown): Promise<void> =>
  new Promise((resolve, reject) => part.put(key, value, (error) => (error === null ? resolve() : reject(error))));

const remove = (part: DynalitePart, key: string): Promise<void> =>
  new Promise((resolve, reject) => part.del(key, (error) => (error === null ? resolve() : reject(error))));
