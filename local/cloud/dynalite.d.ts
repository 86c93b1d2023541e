/** Written from dynalite 4.0.0, which ships no types. */
declare module "dynalite" {
  import type { Server } from "node:http";

  interface DynaliteOptions {
    /** Folder of the LevelDB store; without it everything is in memory. */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
    /** Not known to dynalite, which hands its options on to `create` as they are. */
    hooks?: object;
  }

  export default function dynalite(options: DynaliteOptions): Server;
}

/** What the repair of indexes needs of dynalite's own store. */
declare module "dynalite/db/index.js" {
  import type { Readable } from "node:stream";

  export interface DynaliteTable {
    TableName: string;
    TableStatus: string;
    LocalSecondaryIndexes?: Array<{ IndexName: string }>;
    GlobalSecondaryIndexes?: Array<{ IndexName: string }>;
  }

  /** The callbacks get an error or null first. */
  export interface DynalitePart {
    get(key: string, callback: (error: Error | null, value?: unknown) => void): void;
    put(key: string, value: unknown, callback: (error: Error | null) => void): void;
    del(key: string, callback: (error: Error | null) => void): void;
    createValueStream(options: object): Readable;
  }

  interface DynaliteIterator {
    close(): Promise<void>;
  }

  export interface DynaliteStore {
    getItemDb(table: string): DynalitePart;
    getIndexDb(kind: "Local" | "Global", table: string, index: string): DynalitePart;
    tableDb: DynalitePart;
    /** The last parameter is a callback that gets an error or null first, then the table. */
    getTable(name: string, ...rest: unknown[]): void;
    db: {
      open(): Promise<void>;
      close(): Promise<void>;
      createValueStream(options: object): Readable;
      /** What has to be closed before the store, such as an iterator. */
      attachResource(resource: object): void;
      detachResource(resource: object): void;
      keys(options?: object): DynaliteIterator;
      values(options?: object): DynaliteIterator;
      /** The last parameter is a callback that gets an error or null first. */
      get(...parameters: unknown[]): unknown;
      put(...parameters: unknown[]): unknown;
      del(...parameters: unknown[]): unknown;
      batch(...parameters: unknown[]): unknown;
    };
  }

  interface IndexActions {
    puts: Array<{ index: string; key: string; item: unknown }>;
    deletes: Array<{ index: string; key: string }>;
  }

  const database: {
    create(options: { path: string; hooks?: object }): DynaliteStore;
    createKey(item: unknown, table: DynaliteTable): string;
    /** Turns the index entries of the first item into those of the second; either may be absent. */
    getIndexActions(
      indexes: Array<{ IndexName: string }>,
      before: unknown,
      after: unknown,
      table: DynaliteTable,
    ): IndexActions;
  };
  export default database;
}
