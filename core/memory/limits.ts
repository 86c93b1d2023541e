import type { Note } from "./note.ts";

/** `memory`: the agent's own notebook; `user`: what it knows of a person. */
export type Target = "memory" | "user";

/** Of the entries' texts joined, in characters: what a session's system prompt can afford. */
export const notebookLimits: Record<Target, number> = { memory: 2_200, user: 1_375 };

export const entrySeparator = "\n§\n";

export const notebookSize = (texts: readonly string[]): number => texts.join(entrySeparator).length;

/** Making a notebook that is too long shorter must always be possible. */
export const isOverLimit = (target: Target, after: readonly Text[], before: readonly Text[]): boolean => {
  const sizeOf = (entries: readonly Text[]) => notebookSize(entries.map(({ text }) => text));
  return sizeOf(after) > notebookLimits[target] && sizeOf(after) > sizeOf(before);
};
type Text = Pick<Note, "text">;

/** For example "45% (990/2,200 chars)". */
export function usageOf(target: Target, texts: readonly string[]): string {
  const size = notebookSize(texts);
  const limit = notebookLimits[target];
  return `${Math.round((100 * size) / limit)}% (${size.toLocaleString("en")}/${limit.toLocaleString("en")} chars)`;
}
