import type { Button, Letter } from "./wire.ts";

/** What a person wrote. `sending` until the agent has it; `problem` says why it never will. */
export interface Said {
  by: "person";
  id: string;
  text: string;
  /** The payload of the button that was pressed; the text is its label. */
  pressed?: string;
  state: "sending" | "sent" | "refused";
  problem?: string;
}

/** What the agent wrote: a letter in its newest version. */
export interface Written extends Letter {
  by: "agent";
}

export type Entry = Said | Written;

/** A chat as a client shows it: entries in reading order, and the newest version of any letter in it. */
export interface Transcript {
  entries: readonly Entry[];
  version: number;
}

export const emptyTranscript: Transcript = { entries: [], version: 0 };

export const withSaid = (transcript: Transcript, id: string, text: string): Transcript => ({
  ...transcript,
  entries: [...transcript.entries, { by: "person", id, text, state: "sending" }],
});

export const withPressed = (transcript: Transcript, id: string, { payload, label }: Button): Transcript => ({
  ...transcript,
  entries: [...transcript.entries, { by: "person", id, text: label, pressed: payload, state: "sending" }],
});

/** The payload of the letter's button that was pressed, here or by another client of this transcript. */
export function pressedOf({ entries }: Transcript, { buttons = [] }: Letter): string | undefined {
  const payloads = buttons.map(({ payload }) => payload);
  const press = entries.find(
    (entry): entry is Said =>
      entry.by === "person" && entry.state !== "refused" && payloads.includes(entry.pressed ?? ""),
  );
  return press?.pressed;
}

/** What the agent's last letter can be answered with; nothing once it was. */
export function openButtons(transcript: Transcript): readonly Button[] {
  const last = transcript.entries.findLast((entry) => entry.by === "agent");
  if (!last?.final || pressedOf(transcript, last) !== undefined) return [];
  return last.buttons ?? [];
}

export const withOutcome = (
  transcript: Transcript,
  id: string,
  outcome: Pick<Said, "state" | "problem">,
): Transcript => ({
  ...transcript,
  entries: transcript.entries.map((entry) =>
    entry.by === "person" && entry.id === id ? { ...entry, ...outcome } : entry,
  ),
});

/** The transcript with these letters; the very same one when none of them is news. */
export const withLetters = (transcript: Transcript, letters: readonly Letter[]): Transcript =>
  letters.reduce(withLetter, transcript);

function withLetter(transcript: Transcript, letter: Letter): Transcript {
  const known = transcript.entries.find((entry) => isSame(entry, letter));
  if (known?.by === "agent" && known.version >= letter.version) return transcript;
  // A whole letter that changes once more (its question was answered) answers what it did, and stays where it stands.
  if (known?.by === "agent" && known.final) return withChanged(transcript, known, letter);
  const others = transcript.entries.filter((entry) => !isSame(entry, letter) && !isAbandoned(entry, letter));
  const below = others.findIndex((entry) => entry.by === "person" && entry.id === letter.replyTo) + 1;
  const before = known && transcript.entries.slice(0, transcript.entries.indexOf(known));
  const at = before ? before.filter((entry) => others.includes(entry)).length : -1;
  const index = at >= below ? at : endOfReplies(others, below);
  return {
    entries: others.toSpliced(index, 0, { by: "agent", ...letter }),
    version: Math.max(transcript.version, letter.version),
  };
}

function withChanged({ entries, version }: Transcript, known: Written, letter: Letter): Transcript {
  const { replyTo: _, ...news } = letter;
  const changed: Written = { ...news, by: "agent", ...(known.replyTo !== undefined && { replyTo: known.replyTo }) };
  return {
    entries: entries.map((entry) => (entry === known ? changed : entry)),
    version: Math.max(version, letter.version),
  };
}

const isSame = (entry: Entry, letter: Letter) => entry.by === "agent" && entry.id === letter.id;

/** The agent writes one reply at a time: a draft beside a finished letter was left by a worker that died. */
const isAbandoned = (entry: Entry, letter: Letter) => entry.by === "agent" && !entry.final && letter.final;

/**
 * A reply stands below what it answers, though its writing may have begun above: a message can join a running turn.
 * Behind the replies that already stand there, since the parts of a long one keep their order; and at the very end
 * when what it answers is not here any more.
 */
function endOfReplies(entries: readonly Entry[], below: number): number {
  const next = below === 0 ? -1 : entries.findIndex((entry, index) => index >= below && entry.by === "person");
  return next < 0 ? entries.length : next;
}

/** Whether the last message that the agent took, or may still take, has no whole answer yet. */
export function isAwaited({ entries }: Transcript): boolean {
  const last = entries.findLast((entry) => entry.by === "person" && entry.state !== "refused");
  return (
    last !== undefined && !entries.some((entry) => entry.by === "agent" && entry.final && entry.replyTo === last.id)
  );
}

/** The oldest message that the agent does not have yet. */
export const nextToSend = ({ entries }: Transcript): Said | undefined =>
  entries.find((entry): entry is Said => entry.by === "person" && entry.state === "sending");

/** The newest entries that fit; at least one. */
export function bounded(transcript: Transcript, maxEntries: number, maxCharacters: number): Transcript {
  let characters = 0;
  const newest = transcript.entries.slice(-maxEntries);
  const tooMany = newest.findLastIndex((entry) => (characters += entry.text.length) > maxCharacters);
  const entries = newest.slice(Math.min(tooMany + 1, newest.length - 1));
  return { ...transcript, entries: newest.length === 0 ? newest : entries };
}
