import { createHash } from "node:crypto";
import { isKind, retryable } from "../base/errors.ts";
import type { Session } from "../conversation/session.ts";
import type { StepRecord } from "../conversation/turn.ts";
import type { Blobs } from "../store/bodies.ts";
import type { Table } from "../store/table.ts";
import { messagesOfSteps, titleOf, type IndexedMessage } from "./messages.ts";
import { monthOf, openMonths, type Month, type Part } from "./months.ts";
import { ownerHash, writeSegment, type SessionHead } from "./schema.ts";
import type { Segment } from "./segment.ts";
import type { Shelf } from "./shelf.ts";

/** Where segments are kept. `remove` must not fail when there is no such object. */
export interface SegmentBlobs extends Blobs {
  remove(key: string): Promise<void>;
}

/** The part of core/store that indexing reads. */
export interface IndexSources {
  sessions: { get(id: string): Promise<Session | undefined> };
  steps: { from(session: string, turn: number): Promise<StepRecord[]> };
}

export interface SegmentsOptions {
  table: Table;
  blobs: SegmentBlobs;
  shelf: Shelf;
  profile: string;
  /** Of a session (conversation/session.ts). */
  owner: string;
}

/**
 * What an owner said, by months; each month is a few segments of which the older ones are larger. Made anew for each call:
 * the pointers are read once, and what others add meanwhile is not seen.
 */
export interface Segments {
  /** Adds messages of one month. Again is no harm. */
  add(
    month: string,
    contents: { sessions: readonly SessionHead[]; messages: readonly IndexedMessage[] },
  ): Promise<void>;
  /** Looks at every segment, newest first. Only what `look` returns may be used afterwards. */
  each<T>(look: (segment: Segment) => T): Promise<T[]>;
}

/** Smaller segments are merged when there are so many of them, larger ones when those have become as large. */
const smallBytes = 256 * 1024;
const maxSmall = 4;
/** Others may index turns of the same month at the same time; each of them comes through once. */
const maxAttempts = 32;
const fetchedAtOnce = 8;
const maxReads = 5;

/**
 * Those at the end that the new segment takes in: each at most as large as all after it, so that few are rewritten; none
 * while few are small, so that most turns write no more than themselves.
 */
export function partsToMerge(parts: readonly Part[]): Part[] {
  const small = parts.length - 1 - parts.findLastIndex(({ bytes }) => bytes > smallBytes);
  if (small < maxSmall) return [];
  let total = smallBytes;
  let first = parts.length;
  while (first > 0 && parts[first - 1]!.bytes <= total) total += parts[--first]!.bytes;
  return parts.slice(first);
}

export function openSegments({ table, blobs, shelf, profile, owner }: SegmentsOptions): Segments {
  const hash = ownerHash(profile, owner);
  const months = openMonths(table, profile, hash);
  let pointers: Promise<Month[]> | undefined;
  const folder = `search/${encodeURIComponent(profile)}/${hash}`;

  /** The same for whoever adds the same to the same version, so that a crash before the pointer moved leaves nothing. */
  function keyOf({ month, version }: Month, messages: readonly IndexedMessage[]): string {
    const about = JSON.stringify([version, messages.map(({ id, text }) => [id, text])]);
    return `${folder}/${month}/${createHash("sha256").update(about).digest("hex").slice(0, 32)}`;
  }

  const add: Segments["add"] = async (name, contents) => {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const month = await months.get(name);
      if (await addTo(month, contents)) return;
    }
    throw retryable("Others kept adding to the same month of the search index.", { code: "search.race" });
  };

  /** False when somebody else changed the month, or its segments, meanwhile. */
  async function addTo(month: Month, contents: Parameters<Segments["add"]>[1]): Promise<boolean> {
    const merged = partsToMerge(month.parts);
    const key = keyOf(month, contents.messages);
    const bytes = await shelf
      .useFiles(
        merged.map((part) => part.key),
        async (parts) => shelf.store(key, (path) => writeSegment(path, hash, { ...contents, parts })),
      )
      .catch(unlessGone);
    if (bytes === undefined) return false;
    const replaced = merged.map((part) => part.key);
    const parts = [...month.parts.slice(0, month.parts.length - merged.length), { key, bytes }];
    // Before the pointer moves: a crash must not forget them.
    await removeAll(month.replaced);
    const isMoved = await months.put({ month: month.month, version: month.version + 1, parts, replaced });
    if (!isMoved) await forgetLoser(month.month, key);
    return isMoved;
  }

  /** Nobody can point to it any more, except who added the same. */
  async function forgetLoser(month: string, key: string): Promise<void> {
    const { parts } = await months.get(month);
    if (!parts.some((part) => part.key === key)) await removeAll([key]);
  }

  const removeAll = async (keys: readonly string[]) => void (await Promise.all(keys.map((key) => blobs.remove(key))));

  /** A segment that is gone was replaced since its pointer was read: the pointer knows better now. */
  const each: Segments["each"] = async (look) => {
    for (let read = 0; read < maxReads; read += 1) {
      pointers ??= months.list();
      const keys = (await pointers).flatMap(({ parts }) => parts.map(({ key }) => key).toReversed());
      const seen = await lookAt(keys, look).catch(unlessGone);
      if (seen !== undefined) return seen;
      pointers = undefined;
    }
    throw retryable("The search index kept changing while it was read.", { code: "search.race" });
  };

  async function lookAt<T>(keys: readonly string[], look: (segment: Segment) => T): Promise<T[]> {
    const seen: T[] = [];
    for (let at = 0; at < keys.length; at += fetchedAtOnce) {
      const batch = keys.slice(at, at + fetchedAtOnce);
      seen.push(...(await Promise.all(batch.map((key) => shelf.use(key, hash, look)))));
    }
    return seen;
  }

  return { add, each };
}

/** Blobs say `blobs.lost` of an object that is not there. */
function unlessGone(error: unknown): undefined {
  if (isKind(error, "fatal") && error.code === "blobs.lost") return undefined;
  throw error;
}

/** Indexes a delivered turn: off the hot path, and again is no harm. A session that is not known is left out. */
export async function indexTurn(
  { session: id, turn }: { session: string; turn: number },
  sources: IndexSources,
  open: (session: Session) => Segments,
): Promise<void> {
  const session = await sources.sessions.get(id);
  const steps = (await sources.steps.from(id, turn)).filter((step) => step.turn === turn);
  const messages = messagesOfSteps(id, steps);
  const [first] = messages;
  if (!session || !first) return;
  const opening = messages.find(({ role }) => role === "user") ?? first;
  const head = { session: id, startedAt: session.startedAt, title: titleOf(opening.text), titleTurn: turn };
  await open(session).add(monthOf(first.at), { sessions: [head], messages });
}
