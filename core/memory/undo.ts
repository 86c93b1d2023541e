import * as z from "zod";
import type { Ledger, LedgerEntry } from "../learning/ledger.ts";
import type { Book } from "./book.ts";
import { isSameNotes, type Note, noteSchema, textsOf } from "./note.ts";

export type Undone =
  /** `entry`: the line of the ledger that took it back. */
  | { ok: true; entry: string }
  /** A sentence for whoever asked; nothing was changed. */
  | { ok: false; problem: string };

const stateSchema = z.array(noteSchema).nullable();

const refusal = (problem: string): Undone => ({ ok: false, problem });

/**
 * Takes one change of a notebook back: the notes are afterwards what they were before it, to the byte. Only while they are
 * what the change made of them: on top of anything else nothing is guessed.
 */
export async function undoNotebook(entry: LedgerEntry, book: Book, ledger: Ledger): Promise<Undone> {
  const isItsBook = entry.subject.kind === "notebook" && entry.subject.name === book.name && entry.owner === book.owner;
  if (!isItsBook) return refusal("That change is not one of this notebook.");
  if (entry.undoneBy !== undefined) return refusal("That change was taken back before.");
  const before = stateSchema.safeParse(entry.before);
  const after = stateSchema.safeParse(entry.after);
  if (!before.success || !after.success) return refusal("That line of the ledger cannot be read any more.");
  const { entries, version } = await book.read();
  if (!isSameNotes(entries, after.data ?? [])) {
    return refusal(
      `It was changed since, so that change cannot be taken back alone: ${differenceOf(after.data ?? [], entries)}.`,
    );
  }
  const written = await book.write(before.data ?? [], version, {
    reason: `Undoes ${entry.id}: ${entry.reason}`,
    action: "undo",
  });
  if (written.status === "conflict") return refusal("Somebody changed it at this moment. Try once more.");
  if (written.status !== "written" || written.entry === undefined) return refusal("It waits for approval.");
  await ledger.markUndone(entry.id, written.entry);
  return { ok: true, entry: written.entry };
}

const maxShown = 5;

/** What became of the notes, in words. */
function differenceOf(then: readonly Note[], now: readonly Note[]): string {
  const [old, current] = [new Set(textsOf(then)), new Set(textsOf(now))];
  const gone = [...old].filter((text) => !current.has(text)).map((text) => `gone: “${text}”`);
  const added = [...current].filter((text) => !old.has(text)).map((text) => `new: “${text}”`);
  const all = [...gone, ...added];
  if (all.length === 0) return "the same texts, confirmed or moved";
  return [...all.slice(0, maxShown), ...(all.length > maxShown ? [`and ${all.length - maxShown} more`] : [])].join(
    ", ",
  );
}
