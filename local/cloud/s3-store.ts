import { DatabaseSync } from "node:sqlite";

export interface StoredObject {
  body: Uint8Array;
  etag: string;
  modifiedAtMs: number;
  /** Response headers as the writer gave them: content type, `x-amz-meta-…`, checksums. */
  headers: Record<string, string>;
}

export interface Listing {
  objects: Array<{ key: string; etag: string; modifiedAtMs: number; size: number }>;
  commonPrefixes: string[];
  /** Where the next page begins; absent on the last. */
  next?: string;
}

export interface ListRequest {
  prefix: string;
  delimiter: string;
  /** Names after this one only; empty for the first page. */
  after: string;
  maxKeys: number;
}

/** Objects of all buckets. Every method is synchronous, so a check and the write after it cannot be torn apart. */
export interface ObjectStore {
  createBucket(bucket: string): void;
  hasBucket(bucket: string): boolean;
  buckets(): string[];
  put(bucket: string, key: string, object: StoredObject): void;
  get(bucket: string, key: string): StoredObject | undefined;
  delete(bucket: string, key: string): void;
  list(bucket: string, request: ListRequest): Listing;
  close(): void;
}

/** Sorts behind every name that starts the same way: the highest code point, which no key of ours holds. */
const highest = "\u{10FFFF}";

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL, modifiedAtMs INTEGER NOT NULL,
    size INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (bucket, key)
  );`;

/**
 * Keeps objects in one SQLite file: keys of any length, listing in key order from the index, and a commit that a killed
 * process cannot tear. A power cut may lose the last moments (`synchronous = NORMAL`).
 */
export function openObjectStore(file: string): ObjectStore {
  const database = new DatabaseSync(file);
  database.exec(schema);
  const put = database.prepare("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)");
  const get = database.prepare("SELECT * FROM objects WHERE bucket = ? AND key = ?");
  const remove = database.prepare("DELETE FROM objects WHERE bucket = ? AND key = ?");
  const nextKey = database.prepare(
    `SELECT key, etag, modifiedAtMs, size FROM objects
     WHERE bucket = ? AND key > ? AND key >= ? AND key < ? ORDER BY key LIMIT 1`,
  );
  const bucketNames = database.prepare("SELECT name FROM buckets ORDER BY name");
  const addBucket = database.prepare("INSERT OR IGNORE INTO buckets VALUES (?)");
  const buckets = () => bucketNames.all().map((row) => String(row["name"]));
  return {
    createBucket: (bucket) => void addBucket.run(bucket),
    hasBucket: (bucket) => buckets().includes(bucket),
    buckets,
    put: (bucket, key, { body, etag, modifiedAtMs, headers }) =>
      void put.run(bucket, key, etag, modifiedAtMs, body.length, JSON.stringify(headers), body),
    get: (bucket, key) => {
      const row = get.get(bucket, key);
      return row === undefined ? undefined : toObject(row);
    },
    delete: (bucket, key) => void remove.run(bucket, key),
    list: (bucket, request) =>
      listPage(request, (after) => nextKey.get(bucket, after, request.prefix, request.prefix + highest)),
    close: () => database.close(),
  };
}

type Row = Record<string, unknown>;

const toObject = (row: Row): StoredObject => ({
  body: row["body"] as Uint8Array,
  etag: String(row["etag"]),
  modifiedAtMs: Number(row["modifiedAtMs"]),
  headers: JSON.parse(String(row["headers"])) as Record<string, string>,
});

/** Seeks from name to name, so a folder of a million objects rolls up into its common prefix in one step. */
function listPage(
  { prefix, delimiter, after, maxKeys }: ListRequest,
  seek: (after: string) => Row | undefined,
): Listing {
  const listing: Listing = { objects: [], commonPrefixes: [] };
  let cursor = after;
  for (let found = seek(cursor); found !== undefined; found = seek(cursor)) {
    if (listing.objects.length + listing.commonPrefixes.length === maxKeys) return { ...listing, next: cursor };
    const key = String(found["key"]);
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut < 0) {
      const { etag, modifiedAtMs, size } = found;
      listing.objects.push({ key, etag: String(etag), modifiedAtMs: Number(modifiedAtMs), size: Number(size) });
      cursor = key;
    } else {
      const commonPrefix = key.slice(0, cut + delimiter.length);
      listing.commonPrefixes.push(commonPrefix);
      cursor = commonPrefix + highest;
    }
  }
  return listing;
}
