/** Notebooks of profiles that no other case uses, on the embedded cloud's database. */
import type { LedgerEntry } from "../../../core/learning/ledger.ts";
import type { Book } from "../../../core/memory/book.ts";
import { writtenNote } from "../../../core/memory/note.ts";
import { openLedger } from "../../../core/store/ledger.ts";
import { type NotebookOptions, openNotebook } from "../../../core/store/notebooks.ts";
import type { Table } from "../../../core/store/table.ts";

let profiles = 0;
export const freshProfile = (): string => `notebooks-${(profiles += 1)}`;

let time = 1_000;
export const now = (): number => (time += 1);

export const open = (table: Table, profile: string, options: Partial<NotebookOptions> = {}): Book =>
  openNotebook(
    table,
    { profile, name: "memory", actor: "agent", session: "ses_1", turn: 7, ...options },
    openLedger(table, profile, now),
    now,
  );

/** Adds an entry as the tool does: again, when somebody else was quicker. */
export async function add(book: Book, text: string): Promise<void> {
  for (;;) {
    const { entries, version } = await book.read();
    const next = [...entries, writtenNote(text, book.author, now())];
    const { status } = await book.write(next, version, { reason: `add ${text}` });
    if (status !== "conflict") return;
  }
}

export const linesOf = (table: Table, profile: string, owner = "ada"): Promise<LedgerEntry[]> =>
  openLedger(table, profile, now).list({ owner });
