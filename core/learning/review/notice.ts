/** What the chat is told of a review: one line, made of what the ledger says of it and of what was not its to change. */
import type { LedgerEntry } from "../ledger.ts";
import type { ReviewSettings } from "./ports.ts";

const title = "Self-improvement review:";
const previewLength = 120;

export interface NoticeOptions {
  mode: ReviewSettings["notice"];
  /** Somebody waits for the outcome, whatever it is. */
  isAsked: boolean;
  isGroup: boolean;
  /** Skills that it would have improved, which their owner has to allow. */
  adoptable: readonly string[];
}

/** "" when there is nothing to say. */
export function noticeOf(
  entries: readonly LedgerEntry[],
  { mode, isAsked, isGroup, adoptable }: NoticeOptions,
): string {
  const sorted = notesFirst(entries);
  const said = [...new Set(sorted.map((entry) => summaryOf(entry, isGroup))), ...adoptable.map(wishOf)];
  if (said.length === 0) return isAsked ? `${title} nothing to save.` : "";
  if (mode === "off" && !isAsked) return "";
  const line = `${title} ${said.join(" · ")}`;
  if (mode !== "verbose") return line;
  const details = sorted.flatMap(detailsOf).map((detail) => `- ${detail}`);
  return [line, ...details].join("\n");
}

/** Changes of one reply are made side by side, so that which of them came first says nothing. */
const notesFirst = (entries: readonly LedgerEntry[]): LedgerEntry[] =>
  entries.toSorted((one, other) => Number(one.subject.kind === "skill") - Number(other.subject.kind === "skill"));

const skillWords: Record<LedgerEntry["action"], string> = {
  create: "new skill",
  change: "patched skill",
  archive: "archived skill",
  restore: "restored skill",
  mark: "marked skill",
  undo: "took back a change of skill",
};

const wishOf = (name: string): string =>
  `skill \`${name}\` could be better but is not mine to change: \`/skills adopt ${name}\` lets me`;

function summaryOf({ subject, action }: LedgerEntry, isGroup: boolean): string {
  if (subject.kind === "skill") return `${skillWords[action]} \`${subject.name}\``;
  if (!subject.name.startsWith("user#")) return "memory updated";
  return isGroup ? "notes about this group updated" : "notes about you updated";
}

function detailsOf({ subject, before, after, reason }: LedgerEntry): string[] {
  if (subject.kind === "skill") return [`\`${subject.name}\`: ${preview(reason)}`];
  const old = textsOf(before);
  const now = textsOf(after);
  const gone = old.filter((text) => !now.includes(text)).map(preview);
  const added = now.filter((text) => !old.includes(text)).map(preview);
  if (gone.length === 1 && added.length === 1) return [`“${gone[0]}” → “${added[0]}”`];
  return [...added.map((text) => `saved “${text}”`), ...gone.map((text) => `removed “${text}”`)];
}

function preview(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= previewLength ? line : `${line.slice(0, previewLength - 1).trimEnd()}…`;
}

/** The texts of a notebook's entries, as the ledger keeps them: plain, or with what is known about each. */
function textsOf(entries: LedgerEntry["before"]): string[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry) => {
    if (typeof entry === "string") return [entry];
    const text = typeof entry === "object" && entry !== null && !Array.isArray(entry) ? entry["text"] : undefined;
    return typeof text === "string" ? [text] : [];
  });
}
