import { bounded, emptyTranscript, type Entry, type Transcript } from "./chat/transcript.ts";

/** What this browser keeps: the id of its chat and what was said last. */
export interface History {
  chat: string;
  load(): Transcript;
  save(transcript: Transcript): void;
  /** Calls back when another tab of this browser has saved. */
  onSaved(adopt: (transcript: Transcript) => void): void;
}

const chatKey = "talaria.chat";
const transcriptKey = "talaria.transcript";
const maxEntries = 300;
/** Browsers allow some five million characters for a site. */
const maxCharacters = 1_000_000;

export function openHistory(storage: Storage): History {
  return {
    chat: keptChat(storage),
    load: () => parsed(storage.getItem(transcriptKey)),
    save(transcript) {
      for (let share = 1; share >= 1 / 64; share /= 2) {
        const text = JSON.stringify(bounded(transcript, maxEntries, maxCharacters * share));
        if (isKept(storage, transcriptKey, text)) return;
      }
    },
    onSaved(adopt) {
      addEventListener("storage", ({ key, newValue }) => {
        if (key === transcriptKey) adopt(parsed(newValue));
      });
    },
  };
}

function keptChat(storage: Storage): string {
  const known = storage.getItem(chatKey);
  if (known) return known;
  const made = `page-${crypto.randomUUID()}`;
  isKept(storage, chatKey, made);
  return made;
}

/** False when there is no room: a chat without a memory is better than none. */
function isKept(storage: Storage, key: string, text: string): boolean {
  try {
    storage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

function parsed(text: string | null): Transcript {
  try {
    const { entries, version } = JSON.parse(text ?? "") as Partial<Transcript>;
    if (!Array.isArray(entries) || typeof version !== "number") return emptyTranscript;
    return { entries: entries.filter(isEntry), version };
  } catch {
    return emptyTranscript;
  }
}

function isEntry(value: unknown): value is Entry {
  const { by, id, text } = (value ?? {}) as Record<string, unknown>;
  return (by === "person" || by === "agent") && typeof id === "string" && typeof text === "string";
}
