import type { Book } from "../../memory/book.ts";
import { isOverLimit, type Target, usageOf } from "../../memory/limits.ts";
import { writtenNote } from "../../memory/note.ts";
import type { NotebookChange } from "../../store/proposals.ts";
import type { CuratedNotebook } from "./ports.ts";

/** A notebook of core/memory, as the curator changes it: by texts, keeping what is known of those that stay. */
export function curatedNotebook(book: Book, now: () => number): CuratedNotebook {
  const { name, owner, author, read } = book;
  return {
    name,
    ...(owner !== undefined && { owner }),
    read,
    async write(texts, version, reason) {
      const { entries } = await read();
      const known = new Map(entries.map((note) => [note.text, note]));
      const next = texts.map((text) => known.get(text) ?? writtenNote(text, author, now()));
      // The version says whether what was just read is what the change was made from.
      const { status } = await book.write(next, version, { reason });
      return status === "written";
    },
  };
}

type Replacement = Pick<NotebookChange, "notebook" | "entries" | "next">;

/** The texts with a change made: the first of its entries makes room for what is next, the others go. */
export function textsAfter(texts: readonly string[], { entries, next }: Omit<Replacement, "notebook">): string[] {
  const gone = new Set(entries);
  const first = texts.findIndex((text) => gone.has(text));
  return texts.flatMap((text, at) => {
    if (!gone.has(text)) return [text];
    return at === first && next !== null ? [next] : [];
  });
}

const targetOf = (notebook: string): Target => (notebook.split("#", 1)[0] === "user" ? "user" : "memory");

/**
 * Why a change may not be made of these texts, in a sentence that quotes none of them: its next text is held to what the
 * agent's and a person's is.
 */
export async function problemOfChange(texts: readonly string[], change: Replacement): Promise<string | undefined> {
  if (change.next === null) return undefined;
  const { problemOfText } = await import("../../memory/operations.ts");
  const problem = problemOfText(change.next.trim());
  if (problem !== undefined) return problem;
  const after = textsAfter(texts, change);
  const asEntries = (all: readonly string[]) => all.map((text) => ({ text }));
  const target = targetOf(change.notebook);
  return isOverLimit(target, asEntries(after), asEntries(texts))
    ? `There is no room: it would be ${usageOf(target, after)}.`
    : undefined;
}
