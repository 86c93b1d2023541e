import type { Book } from "../../memory/book.ts";
import { writtenNote } from "../../memory/note.ts";
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
