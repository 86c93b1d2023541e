/** `/memory`: what the person sees of the notebooks, and does with them, in words. */
import type { Ledger, LedgerEntry } from "../learning/ledger.ts";
import type { Book } from "./book.ts";
import type { Listing, Listings } from "./listing.ts";
import { isOverLimit, type Target, usageOf } from "./limits.ts";
import { type Note, textsOf } from "./note.ts";
import { undoNotebook } from "./undo.ts";

/** What the curator proposes about the person's own notes. */
export interface Suggestions {
  list(): Promise<
    { id: string; at: number; reason: string; notebook: string; remove: readonly string[]; next: string | null }[]
  >;
  decide(id: string, verdict: "approve" | "reject"): Promise<{ ok: true } | { ok: false; problem: string }>;
}

/** The notebooks of the person who asks, opened in the person's name. */
export interface MemoryDesk {
  books: Record<Target, Book>;
  ledger: Ledger;
  listings: Listings;
  owner: string;
  suggestions: Suggestions;
  now(): number;
  /** Changes wait for approval (TALARIA_MEMORY_APPROVAL). */
  needsApproval: boolean;
}

type Row = Listing["notes"][number] & { note: Note };

export const memoryUsage =
  "`/memory` lists what I keep. Then: `search <words>`, `edit <number> <text>`, `forget <number>`, `undo`, " +
  "`pending`, `approve <number or all>`, `reject <number or all>`.";

const titles: Record<Target, string> = { memory: "My notes", user: "About you" };
const targets = ["memory", "user"] as const;

/** Answers what was said after `/memory`, in Markdown. */
export async function memoryText(said: string, desk: MemoryDesk): Promise<string> {
  const [, word = "list", rest = ""] = /^\s*(\S+)\s*([\s\S]*)$/.exec(said) ?? [];
  const words = rest.trim();
  switch (word.toLowerCase()) {
    case "list":
      return list("", desk);
    case "search":
      return words === "" ? "Search for what? For example `/memory search tea`." : list(words, desk);
    case "edit":
      return edit(words, desk);
    case "forget":
      return forget(words, desk);
    case "undo":
      return undo(desk);
    case "pending":
      return pending(desk);
    case "approve":
    case "reject":
      return decide(word.toLowerCase() === "approve" ? "approve" : "reject", words, desk);
    default:
      return memoryUsage;
  }
}

async function rowsOf({ books }: MemoryDesk): Promise<Row[]> {
  const read = await Promise.all(targets.map(async (target) => ({ target, ...(await books[target].read()) })));
  return read.flatMap(({ target, entries }) => entries.map((note) => ({ target, text: note.text, note })));
}

/** Every note has its number in the whole list, also when only some are shown. */
async function list(search: string, desk: MemoryDesk): Promise<string> {
  const rows = await rowsOf(desk);
  await desk.listings.save({ notes: rows.map(({ target, text }) => ({ target, text })) });
  const words = search.toLowerCase().split(/\s+/);
  const isShown = ({ text }: Row) => words.every((word) => text.toLowerCase().includes(word));
  const shown = rows.map((row, at) => ({ ...row, number: at + 1 })).filter(isShown);
  if (rows.length === 0) return "I have noted nothing yet.";
  if (shown.length === 0) return `Nothing I noted has ${quoted(search)} in it.`;
  const parts = targets.flatMap((target) => {
    const lines = shown.filter((row) => row.target === target).map(({ number, note }) => lineOf(number, note));
    const texts = rows.filter((row) => row.target === target).map(({ text }) => text);
    return lines.length === 0 ? [] : [`**${titles[target]}** (${usageOf(target, texts)})\n${lines.join("\n")}`];
  });
  const waiting = (await proposalsOf(desk)).length;
  const hint =
    waiting === 0
      ? []
      : [`${waiting} ${waiting === 1 ? "change waits" : "changes wait"} for you: \`/memory pending\`.`];
  return [...parts, ...hint].join("\n\n");
}

const dayOf = (at: number): string => (at === 0 ? "before dates were kept" : new Date(at).toISOString().slice(0, 10));

const writers: Record<Note["actor"], string> = {
  person: "by you",
  agent: "in conversation",
  review: "by the review",
  curator: "by the curator",
  deployment: "by the deployment",
};

/** A note may have lines of its own; it must stay one item of the list. */
const lineOf = (number: number, { text, updatedAt, confirmedAt, actor }: Note): string => {
  const confirmed = confirmedAt > updatedAt ? `, confirmed ${dayOf(confirmedAt)}` : "";
  return `${number}. ${oneLine(text)} _(${dayOf(updatedAt)} ${writers[actor]}${confirmed})_`;
};

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " / ");
const quoted = (text: string): string => `“${oneLine(text)}”`;

/** The note that a number of the last list stands for; a sentence when there is none any more. */
async function rowAt(number: string, desk: MemoryDesk): Promise<Row | string> {
  const rows = await rowsOf(desk);
  const { notes } = await desk.listings.read();
  const listed = notes.length > 0 ? notes : rows;
  const wanted = /^\d+$/.test(number) ? listed[Number(number) - 1] : undefined;
  if (!wanted) return "Which one? Say its number in `/memory`.";
  const found = rows.find(({ target, text }) => target === wanted.target && text === wanted.text);
  return found ?? `${quoted(wanted.text)} was changed or removed since the list. See \`/memory\`.`;
}

async function edit(words: string, desk: MemoryDesk): Promise<string> {
  const [, number = "", said = ""] = /^(\S+)\s+([\s\S]+)$/.exec(words) ?? [];
  const text = said.trim();
  if (text === "") return "Say the number and the new text: `/memory edit 2 Prefers tea`.";
  const row = await rowAt(number, desk);
  if (typeof row === "string") return row;
  const { problemOfText, replaceNote } = await import("./operations.ts");
  const problem = problemOfText(text);
  if (problem !== undefined) return problem;
  const answer = await changeNote(row, desk, (notes, at) => {
    const hand = { target: row.target, author: desk.books[row.target].author, now: desk.now() };
    const replaced = replaceNote(notes, { at, text }, hand);
    if ("error" in replaced) return replaced.error;
    return isOverLimit(row.target, replaced.entries, notes)
      ? `There is no room: it would be ${usageOf(row.target, textsOf(replaced.entries))}.`
      : replaced.entries;
  });
  if (answer !== undefined) return answer;
  const { notes } = await desk.listings.read();
  const at = notes.findIndex((listed) => listed.target === row.target && listed.text === row.text);
  // The number goes on standing for the note it named.
  if (at >= 0) await desk.listings.save({ notes: notes.with(at, { target: row.target, text }) });
  return `Changed: ${quoted(row.text)} is now ${quoted(text)}. \`/memory undo\` takes it back.`;
}

async function forget(words: string, desk: MemoryDesk): Promise<string> {
  const row = await rowAt(words, desk);
  if (typeof row === "string") return row;
  const answer = await changeNote(row, desk, (notes, at) => notes.toSpliced(at, 1));
  return answer ?? `Forgotten: ${quoted(row.text)}. \`/memory undo\` brings it back.`;
}

/** Somebody else may write at the same moment. */
const maxAttempts = 5;

/** Changes the note wherever it is by now; a sentence when it could not be done. */
async function changeNote(
  { target, text }: Row,
  { books }: MemoryDesk,
  change: (notes: Note[], at: number) => Note[] | string,
): Promise<string | undefined> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const { entries, version } = await books[target].read();
    const at = entries.findIndex((note) => note.text === text);
    if (at < 0) return `${quoted(text)} was changed or removed at this moment. See \`/memory\`.`;
    const next = change(entries, at);
    if (typeof next === "string") return next;
    const { status } = await books[target].write(next, version, { reason: `The person changed “${text}” by command.` });
    if (status === "written") return undefined;
  }
  return "Others kept changing this notebook at the same time. Try once more.";
}

/** So far back the newest change that can be undone is looked for. */
const undoDepth = 100;

async function undo(desk: MemoryDesk): Promise<string> {
  const { books, ledger, owner } = desk;
  const bookOf = ({ subject }: LedgerEntry): Book | undefined =>
    targets.map((target) => books[target]).find(({ name }) => subject.kind === "notebook" && subject.name === name);
  const entries = await ledger.list({ owner, limit: undoDepth });
  const newest = entries.find((entry) => bookOf(entry) && entry.undoneBy === undefined && entry.action !== "undo");
  const book = newest && bookOf(newest);
  if (!newest || !book) return "There is nothing to take back.";
  const before = await rowsOf(desk);
  const undone = await undoNotebook(newest, book, ledger);
  if (!undone.ok) return undone.problem;
  const said = `Taken back (${titles[book.target]}): ${newest.reason}`;
  return (await keepNumbers(before, desk)) ? said : `${said}\n\`/memory\` lists the notes with their new numbers.`;
}

/** A note whose edit was taken back keeps its number. False where a number, or a note, of the last list has no other half. */
async function keepNumbers(before: readonly Row[], desk: MemoryDesk): Promise<boolean> {
  const { notes } = await desk.listings.read();
  const rows = await rowsOf(desk);
  const isIn = (list: readonly Listing["notes"][number][]) => (note: Listing["notes"][number]) =>
    list.some(({ target, text }) => target === note.target && text === note.text);
  const [wasThere, isThere, isListed] = [isIn(before), isIn(rows), isIn(notes)];
  const [gone, ...moreGone] = notes.filter((note) => wasThere(note) && !isThere(note));
  const [back, ...moreBack] = rows.filter((row) => !wasThere(row) && !isListed(row));
  if (!gone && !back) return true;
  if (gone?.target !== back?.target || !gone || !back || moreGone.length + moreBack.length > 0) return false;
  await desk.listings.save({ notes: notes.with(notes.indexOf(gone), { target: back.target, text: back.text }) });
  return true;
}

/** A change that the agent or the review wanted to make, or one that the curator proposes. */
interface Waiting {
  id: string;
  at: number;
  target: Target;
  remove: readonly string[];
  add: readonly string[];
  /** Why, where it was said. */
  reason?: string;
  decide(verdict: "approve" | "reject"): Promise<{ ok: true } | { ok: false; problem: string }>;
}

async function proposalsOf(desk: MemoryDesk): Promise<Waiting[]> {
  const lists = await Promise.all([...targets.map((target) => heldBack(desk.books[target], target)), suggested(desk)]);
  return lists.flat().sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

const heldBack = async (book: Book, target: Target): Promise<Waiting[]> =>
  (await book.pending()).map(({ id, at, remove, add }) => ({
    id,
    at,
    target,
    remove,
    add: add.map(({ text }) => text),
    decide: (verdict) => book.decide(id, verdict),
  }));

const suggested = async ({ books, suggestions }: MemoryDesk): Promise<Waiting[]> =>
  (await suggestions.list()).map(({ id, at, reason, notebook, remove, next }) => ({
    id,
    at,
    target: notebook === books.user.name ? "user" : "memory",
    remove,
    add: next === null ? [] : [next],
    reason,
    decide: (verdict) => suggestions.decide(id, verdict),
  }));

async function pending(desk: MemoryDesk): Promise<string> {
  const proposals = await proposalsOf(desk);
  await desk.listings.save({ proposals: proposals.map(({ id }) => id) });
  if (proposals.length === 0) {
    return desk.needsApproval ? "No change waits for you." : "No change waits: what I note is saved at once.";
  }
  const lines = proposals.map(({ target, at, remove, add, reason = "" }, index) => {
    const changes = [...remove.map((text) => `remove ${quoted(text)}`), ...add.map((text) => `add ${quoted(text)}`)];
    return `${index + 1}. ${titles[target]}, ${dayOf(at)}: ${changes.join("; ")}${reason === "" ? "" : ` (${reason})`}`;
  });
  return `**Changes that wait for you**\n${lines.join("\n")}\n\n\`/memory approve 1\` or \`all\`, \`/memory reject 1\` or \`all\`.`;
}

/** `all` means all that were shown: what came since has been seen by nobody. */
async function decide(verdict: "approve" | "reject", words: string, desk: MemoryDesk): Promise<string> {
  const { proposals: shown } = await desk.listings.read();
  const waiting = await proposalsOf(desk);
  if (waiting.length === 0) return "No change waits for you.";
  const isAll = words.toLowerCase() === "all";
  const ids = isAll ? shown : /^\d+$/.test(words) ? shown.slice(Number(words) - 1, Number(words)) : [];
  const chosen = waiting.filter(({ id }) => ids.includes(id));
  if (chosen.length === 0)
    return `${await pending(desk)}\n\nNothing was decided: say it again with a number of this list, or \`all\`.`;
  const lines: string[] = [];
  for (const proposal of chosen) {
    const { add, remove } = proposal;
    const decided = await decideOne(verdict, proposal);
    const what = quoted(add[0] ?? remove[0] ?? "");
    lines.push(
      decided.ok
        ? `${verdict === "approve" ? "Approved" : "Rejected"}: ${what}`
        : `Not done, ${decided.problem}: ${what}`,
    );
  }
  return lines.join("\n");
}

/** What waited since before a rule of the scan was there is looked at again. */
async function decideOne(verdict: "approve" | "reject", { add, decide }: Waiting): ReturnType<Waiting["decide"]> {
  if (verdict === "reject") return decide(verdict);
  const { threatIn } = await import("../guard/threats.ts");
  const threat = add.map(threatIn).find((name) => name !== undefined);
  return threat === undefined ? decide(verdict) : { ok: false, problem: `it looks like ${threat}` };
}
