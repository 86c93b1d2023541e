import type { RequestListener } from "node:http";
import type { DynaliteStore, DynaliteTable } from "dynalite/db/index.js";
import { messageOf } from "../../core/base/errors.ts";

/** Dynalite over one opened LevelDB. */
export interface OpenDynalite {
  listener: RequestListener;
  /**
   * A write failed. LevelDB may have left half a record in its log, and would drop what comes after that when it reads
   * the log again: until the store is opened anew, every write is answered as failed.
   */
  isBroken(): boolean;
  close(): Promise<void>;
}

/** @throws what LevelDB says when it cannot open the folder. */
export async function openDynalite(folder: string, onFailure: StoreHooks["onFailure"]): Promise<OpenDynalite> {
  await interceptStores();
  const { default: dynalite } = await import("dynalite");
  const opened = Promise.withResolvers<DynaliteStore>();
  let isBroken = false;
  const onStoreFailure = (error: Error, isWrite: boolean) => {
    isBroken ||= isWrite;
    onFailure(error, isWrite);
  };
  const hooks: StoreHooks = { onOpen: opened.resolve, onFailure: onStoreFailure, isBroken: () => isBroken };
  const options = { path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, hooks };
  const listener = dynalite(options).listeners("request")[0] as RequestListener;
  const { db } = await opened.promise;
  await db.open();
  return { listener, isBroken: () => isBroken, close: () => db.close() };
}

interface StoreHooks {
  onOpen(store: DynaliteStore): void;
  onFailure(error: Error, isWrite: boolean): void;
  isBroken(): boolean;
}

let intercepting: Promise<void> | undefined;

/**
 * Dynalite makes its store itself and throws a failure of it where nobody can catch it, which ends the process; but an
 * error with an HTTP status it answers. So every failure gets one on its way from LevelDB to dynalite.
 */
function interceptStores(): Promise<void> {
  return (intercepting ??= (async () => {
    const { default: database } = await import("dynalite/db/index.js");
    const { create } = database;
    database.create = (options: { path: string; hooks?: StoreHooks }) => {
      const store = create(options);
      if (options.hooks !== undefined) {
        answerFailures(store.db, options.hooks);
        closeIterators(store.db);
        rememberTables(store);
        options.hooks.onOpen(store);
      }
      return store;
    };
  })());
}

type Callback = (error: Error | null, value?: unknown) => void;
type Operation = (...parameters: unknown[]) => unknown;

function answerFailures(db: DynaliteStore["db"], hooks: StoreHooks): void {
  for (const name of ["get", "put", "del", "batch"] as const) {
    const run: Operation = db[name];
    const isWrite = name !== "get";
    db[name] = (...parameters: unknown[]) => {
      const callback = parameters.at(-1) as Callback;
      return run(...parameters.slice(0, -1), (error: Error | null, value?: unknown) => {
        if (error?.name === "NotFoundError") return callback(error);
        if (error === null && !(isWrite && hooks.isBroken())) return callback(null, value);
        const failure = error ?? new Error("A write before this one failed.");
        hooks.onFailure(failure, isWrite);
        callback(answerable(failure));
      });
    };
  }
  const createValueStream = db.createValueStream.bind(db);
  db.createValueStream = (options) =>
    createValueStream(options).on("error", (error: Error) => {
      hooks.onFailure(error, false);
      answerable(error);
    });
}

/**
 * Dynalite ends a stream by the iterator's `return`, which those of abstract-level 3 no longer have: each query would
 * leave 64 KB and a snapshot behind, for as long as the store is open.
 */
function closeIterators(db: DynaliteStore["db"]): void {
  for (const name of ["keys", "values"] as const) {
    const open = db[name].bind(db);
    db[name] = (options) => {
      const iterator = open(options);
      return Object.assign(iterator, { return: () => iterator.close() });
    };
  }
}

/** Dynalite reads a table's definition anew for each request about an item, and it hardly ever changes. */
function rememberTables(store: DynaliteStore): void {
  const known = new Map<string, DynaliteTable>();
  const { getTable, tableDb } = store;
  store.getTable = (name, ...rest) => {
    const callback = rest.at(-1) as TableCallback;
    // With a flag between them it is a request about the table itself, which may change what it gets.
    const table = rest.length === 1 ? known.get(name) : undefined;
    if (table !== undefined) return process.nextTick(callback, null, table);
    getTable(name, ...rest.slice(0, -1), (error: Error | null, found: DynaliteTable) => {
      if (error === null && found.TableStatus === "ACTIVE") known.set(name, found);
      callback(error, found);
    });
  };
  for (const change of ["put", "del"] as const) {
    const run = tableDb[change] as Operation;
    tableDb[change] = (name: string, ...rest: unknown[]) => {
      known.delete(name);
      return run(name, ...rest);
    };
  }
}

type TableCallback = (error: Error | null, table: DynaliteTable) => void;

/** As DynamoDB says that the fault is its own, which every client tries again. */
const answerable = (error: Error): Error => Object.assign(error, { statusCode: 500, body: serverError(error) });

export const serverError = (error: unknown): object => ({
  __type: "com.amazonaws.dynamodb.v20120810#InternalServerError",
  message: messageOf(error),
});
