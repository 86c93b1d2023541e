import { entrySeparator, isOverLimit, type Target, usageOf } from "./limits.ts";
import { type Author, type Note, textsOf, writtenNote } from "./note.ts";
import { relationOf } from "./similar.ts";
import { threatOf } from "../guard/threats.ts";

export interface Operation {
  action?: "add" | "replace" | "remove" | undefined;
  content?: string | undefined;
  old_text?: string | undefined;
}

/** Where, by whom and when operations are applied. */
export interface Hand {
  target: Target;
  author: Author;
  now: number;
}

export type Applied =
  /** `remarks` says which entries were confirmed instead of repeated, and which are much alike. */
  | { ok: true; entries: Note[]; remarks: string[] }
  /** `isFull`: the limit alone is in the way. */
  | { ok: false; error: string; isFull: boolean };

type One = { entries: Note[]; remark?: string } | { error: string };

/** All or nothing: the first operation that fails ends it, and the limit holds for the final entries alone. */
export function applyOperations(before: readonly Note[], operations: readonly Operation[], hand: Hand): Applied {
  let entries = [...before];
  const remarks: string[] = [];
  for (const operation of operations) {
    const applied = applyOne(entries, operation, hand);
    if ("error" in applied) return { ok: false, error: applied.error, isFull: false };
    entries = applied.entries;
    if (applied.remark !== undefined) remarks.push(applied.remark);
  }
  if (!isOverLimit(hand.target, entries, before)) return { ok: true, entries, remarks };
  const error = `That would be ${usageOf(hand.target, textsOf(entries))}. Consolidate now: in one call with operations, remove or shorten entries that matter less and add this one; then go on.`;
  return { ok: false, error, isFull: true };
}

function applyOne(entries: readonly Note[], { action, content, old_text: oldText }: Operation, hand: Hand): One {
  if (action === undefined) return { error: "action is missing: add, replace or remove." };
  const text = content?.trim() ?? "";
  const problem = action === "remove" ? undefined : problemOfText(text);
  if (problem !== undefined) return { error: problem };
  if (action === "add") return add(entries, text, hand);
  const found = findEntry(entries, oldText?.trim() ?? "");
  if ("error" in found) return found;
  return action === "remove"
    ? { entries: entries.toSpliced(found.at, 1) }
    : replaceNote(entries, { at: found.at, text }, hand);
}

function add(entries: readonly Note[], text: string, hand: Hand): One {
  const [nearest] = relativesOf(entries, text);
  if (nearest === undefined) return { entries: [...entries, writtenNote(text, hand.author, hand.now)] };
  const { at, note, relation } = nearest;
  if (relation === "repeats") {
    const remark = `Already there as “${note.text}”: confirmed, nothing was added.`;
    return { entries: entries.with(at, { ...note, confirmedAt: hand.now }), remark };
  }
  const remark = `It is much like “${note.text}”: if that one is not true any more, or this one says all of it, remove it.`;
  return { entries: [...entries, writtenNote(text, hand.author, hand.now)], remark };
}

/** Puts a text in the place of an entry, which keeps the time of its creation. */
export function replaceNote(entries: readonly Note[], { at, text }: { at: number; text: string }, hand: Hand): One {
  const old = entries[at];
  if (old === undefined) return { error: "There is no such entry." };
  if (old.text === text) return { entries: entries.with(at, { ...old, confirmedAt: hand.now }) };
  const repeated = relativesOf(entries, text).find((other) => other.at !== at && other.relation === "repeats");
  if (repeated) return { error: `Another entry says that already: “${repeated.note.text}”. Remove this one instead.` };
  const note = { ...writtenNote(text, hand.author, hand.now), createdAt: old.createdAt };
  return { entries: entries.with(at, note) };
}

const closeness = { repeats: 0, resembles: 1 } as const;

/** Entries that are about the same, nearest first. */
function relativesOf(entries: readonly Note[], text: string) {
  return entries
    .flatMap((note, at) => {
      const relation = note.text === text ? "repeats" : relationOf(text, note.text);
      return relation === undefined ? [] : [{ at, note, relation }];
    })
    .sort((a, b) => closeness[a.relation] - closeness[b.relation]);
}

/** Why a text cannot be an entry; `undefined` when it can. */
export function problemOfText(text: string): string | undefined {
  if (text === "") return "content is missing. To delete an entry use remove.";
  if (`\n${text}\n`.includes(entrySeparator))
    return "content must not contain a line that is only §, which separates entries.";
  const threat = threatOf(text);
  if (threat === undefined) return undefined;
  const instead = threat.instead ?? "Note the plain fact, in the third person, not the order.";
  return `Not saved: this looks like ${threat.name}. Memory becomes part of your instructions. ${instead}`;
}

/** The one entry that contains the text; copies of one entry count as one. */
function findEntry(entries: readonly Note[], part: string): { at: number } | { error: string } {
  if (part === "") return { error: "old_text is missing: a part of the entry that occurs in no other." };
  const matches = new Set(textsOf(entries).filter((text) => text.includes(part)));
  if (matches.size === 1) return { at: entries.findIndex(({ text }) => text.includes(part)) };
  // A whole entry is meant although others contain it too.
  const whole = entries.findIndex(({ text }) => text === part);
  if (whole >= 0) return { at: whole };
  return {
    error:
      matches.size === 0
        ? `No entry contains "${part}".`
        : `${matches.size} entries contain "${part}": use a longer part of one.`,
  };
}
