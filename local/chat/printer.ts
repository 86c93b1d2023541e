import type { Entry, Written } from "../../web/chat/transcript.ts";
import type { Button } from "../../web/chat/wire.ts";

/**
 * Prints replies as they grow. What is on the screen stays: text that goes on is continued, text that was replaced
 * (the agent used a tool and began anew) is followed by the new text. Unfinished replies are left out when `isLive`
 * is false, as for a pipe.
 */
export class ReplyPrinter {
  readonly #write: (text: string) => void;
  readonly #isLive: boolean;
  /** What is on the screen of each reply, by its id. */
  readonly #printed = new Map<string, string>();
  readonly #finished = new Set<string>();

  constructor(write: (text: string) => void, isLive: boolean) {
    this.#write = write;
    this.#isLive = isLive;
  }

  show(entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.by === "agent") this.#showReply(entry);
  }

  #showReply({ id, text, final, buttons = [] }: Written): void {
    if (this.#finished.has(id) || !(final || this.#isLive)) return;
    const before = this.#printed.get(id) ?? "";
    const now = printable(text);
    this.#write(now.startsWith(before) ? now.slice(before.length) : `\n\n${now}`);
    this.#printed.set(id, now);
    if (!final) return;
    this.#finished.add(id);
    this.#write(`\n${answersOf(buttons, text)}`);
  }
}

/** The buttons of a question in words: a number or a label is typed to press one. Not again where the text lists them. */
function answersOf(buttons: readonly Button[], text: string): string {
  const lines = buttons.map(({ label }, index) => `${index + 1}. ${label}`);
  if (lines.every((line) => text.includes(line))) return "";
  return lines.map((line) => `  ${printable(line)}\n`).join("");
}

/** A reply must not steer the terminal: control characters other than line breaks and tabs are left out. */
export const printable = (text: string): string => text.replace(/[\p{Cc}--[\n\t]]/gv, "");
