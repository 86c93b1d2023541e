import { entrySeparator, notebookLimits, notebookSize, type Target, usageOf } from "./notebook.ts";
import { threatIn } from "./threats.ts";

export interface Operation {
  action?: "add" | "replace" | "remove" | undefined;
  content?: string | undefined;
  old_text?: string | undefined;
}

type Applied = { entries: string[] } | { error: string };

/** All or nothing: the first operation that fails ends it, and the limit holds for the final entries alone. */
export function applyOperations(target: Target, before: readonly string[], operations: readonly Operation[]): Applied {
  let entries = [...before];
  for (const operation of operations) {
    const applied = applyOne(entries, operation);
    if ("error" in applied) return applied;
    entries = applied.entries;
  }
  // Making a notebook that is too long shorter must always be possible.
  const isFull = notebookSize(entries) > notebookLimits[target] && notebookSize(entries) > notebookSize(before);
  if (!isFull) return { entries };
  return {
    error: `That would be ${usageOf(target, entries)}. Consolidate now: in one call with operations, remove or shorten entries that matter less and add this one; then go on.`,
  };
}

function applyOne(entries: readonly string[], { action, content, old_text: oldText }: Operation): Applied {
  if (action === undefined) return { error: "action is missing: add, replace or remove." };
  const text = content?.trim() ?? "";
  if (action !== "remove") {
    const problem = problemOf(text);
    if (problem !== undefined) return { error: problem };
  }
  if (action === "add") return { entries: entries.includes(text) ? [...entries] : [...entries, text] };
  const found = findEntry(entries, oldText?.trim() ?? "");
  if ("error" in found) return found;
  return { entries: entries.toSpliced(found.at, 1, ...(action === "replace" ? [text] : [])) };
}

function problemOf(text: string): string | undefined {
  if (text === "") return "content is missing. To delete an entry use remove.";
  if (`\n${text}\n`.includes(entrySeparator))
    return "content must not contain a line that is only §, which separates entries.";
  const threat = threatIn(text);
  return (
    threat &&
    `Not saved: this looks like ${threat}. Memory becomes part of your instructions; note the plain fact instead.`
  );
}

/** The one entry that contains the text; copies of one entry count as one. */
function findEntry(entries: readonly string[], part: string): { at: number } | { error: string } {
  if (part === "") return { error: "old_text is missing: a part of the entry that occurs in no other." };
  const matches = new Set(entries.filter((entry) => entry.includes(part)));
  if (matches.size === 1) return { at: entries.findIndex((entry) => entry.includes(part)) };
  return {
    error:
      matches.size === 0
        ? `No entry contains "${part}".`
        : `${matches.size} entries contain "${part}": use a longer part of one.`,
  };
}
