/** Sessions for search tests: real records in the embedded cloud's database, real segments in its files. */
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../../../core/base/ids.ts";
import type { Session } from "../../../core/conversation/session.ts";
import type { ClosedStep } from "../../../core/conversation/turn.ts";
import { noUsage } from "../../../core/conversation/usage.ts";
import { openSessionSearch } from "../../../core/search/find.ts";
import type { SearchQuery, SessionSearch } from "../../../core/search/search.ts";
import { openShelf } from "../../../core/search/shelf.ts";
import { indexTurn, openSegments, type SegmentBlobs, type Segments } from "../../../core/search/store.ts";
import { openBlobs } from "../../../core/store/blobs.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openStore, type Store } from "../../../core/store/store.ts";
import { openTable, type Table } from "../../../core/store/table.ts";
import { startCloud } from "../../../local/cloud/index.ts";
import { manifest, resourceEnvironment } from "../../../stacks/manifest.ts";

/** Who says something, and when; profile and owner as they are in a session. */
export interface Owner {
  profile: string;
  owner: string;
}

export interface SearchBench {
  store: Store;
  table: Table;
  blobs: SegmentBlobs;
  /** Keys of every object that was put and not removed again. */
  objects: Set<string>;
  /** A machine of its own: an empty disk, which `maxBytes` bounds. */
  machine(options?: { maxBytes?: number; table?: Table; blobs?: SegmentBlobs }): Machine;
  /** Saves a turn of a session, which it creates. Indexes nothing. */
  say(session: SessionOf, turn: number, ...steps: readonly SaidStep[]): Promise<void>;
  close(): Promise<void>;
}

export type SessionOf = Owner & { id: string; conversation?: string };
export type SaidStep = Partial<Pick<ClosedStep, "at" | "finish" | "results" | "said">> & {
  user?: string;
  assistant?: string;
};

export interface Machine {
  segments(owner: Owner): Segments;
  index(session: string, turn: number): Promise<void>;
  search(owner: Owner, ...except: string[]): SessionSearch;
  /** Ids of the sessions that are found, best first. */
  find(owner: Owner, words: string, options?: Partial<SearchQuery>): Promise<string[]>;
  close(): void;
}

export const noon = Date.UTC(2026, 10, 22, 12);

let count = 0;
/** A name that no other case uses. */
export const fresh = (word: string): string => `${word}-${(count += 1)}`;
export const freshOwner = (): Owner => ({ profile: "main", owner: `telegram::${fresh("person")}` });
/** The id of a new session. */
export const freshSession = (owner: Owner): SessionOf => ({ ...owner, id: newId("session") });

export const stepOf = (turn: number, step: number, { user, assistant = "", ...given }: SaidStep): ClosedStep => ({
  status: "closed",
  turn,
  step,
  input: user === undefined ? null : { role: "user", text: user },
  inbox: [],
  place: null,
  assistant: { role: "assistant", text: assistant, toolCalls: [] },
  finish: "stop",
  usage: noUsage,
  model: "test/model",
  at: noon,
  activeMs: 0,
  waitedMs: 0,
  results: [],
  ...given,
});

const sessionOf = ({ id, owner, profile, conversation }: SessionOf): Session => ({
  id,
  conversation: conversation ?? `${encodeURIComponent(profile)}:telegram::direct:${id}::`,
  owner,
  startedAt: noon,
  firstTurn: 1,
  system: "",
  tools: [],
});

export async function startSearchBench(): Promise<SearchBench> {
  const folder = mkdtempSync(join(tmpdir(), "talaria-search-"));
  const cloud = await startCloud({ manifest, dataFolder: folder, mode: "in-process", port: 0, environment: {} });
  Object.assign(process.env, cloud.awsEnvironment);
  const bucket = String(cloud.awsEnvironment[resourceEnvironment.bucket]);
  const table = openTable(String(cloud.awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
  const objects = new Set<string>();
  const blobs = segmentBlobs(bucket, objects);
  const store = openStore(table, blobs, Date.now);

  const bench: SearchBench = {
    store,
    table,
    blobs,
    objects,
    machine(options = {}) {
      const chosen = { maxBytes: 64_000_000, table, blobs, ...options };
      return machineOf({ ...chosen, folder: join(folder, fresh("disk")), store });
    },
    async say(session, turn, ...steps) {
      await store.sessions.create(sessionOf(session));
      for (const [at, said] of steps.entries()) await saveStep(store, session.id, stepOf(turn, at, said));
    },
    async close() {
      await cloud.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

/** As a turn does it: the answer first, the results of its tools when they are there. */
async function saveStep(store: Store, session: string, { results, ...step }: ClosedStep): Promise<void> {
  const none = { begun: [], results: [], waits: [], parkedAt: null };
  const open = { ...step, ...none, status: "open" as const, claim: "clm_test" };
  await store.steps.put(session, open);
  await store.steps.close(session, open, { results, activeMs: 0 });
}

function segmentBlobs(bucket: string, objects: Set<string>): SegmentBlobs {
  const blobs = openBlobs(bucket);
  const client = new S3Client();
  return {
    get: blobs.get,
    async put(key, body) {
      await blobs.put(key, body);
      objects.add(key);
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      objects.delete(key);
    },
  };
}

interface MachineOptions {
  folder: string;
  maxBytes: number;
  table: Table;
  blobs: SegmentBlobs;
  store: Store;
}

function machineOf({ folder, maxBytes, table, blobs, store }: MachineOptions): Machine {
  const shelf = openShelf({ blobs, folder, maxBytes });
  const segments = (owner: Owner) => openSegments({ table, blobs, shelf, ...owner });
  const search = (owner: Owner, ...except: string[]) => openSessionSearch({ segments: segments(owner), except });
  const profileOf = ({ conversation }: Session) => decodeURIComponent(conversation.split(":")[0] ?? "");
  return {
    segments,
    search,
    index: async (session, turn) =>
      indexTurn({ session, turn }, store, (of) => segments({ profile: profileOf(of), owner: of.owner })),
    async find(owner, words, options = {}) {
      const query: SearchQuery = { words, roles: ["user", "assistant"], limit: 10, ...options };
      return (await search(owner).find(query)).hits.map(({ summary }) => summary.session);
    },
    close: () => shelf.close(),
  };
}
