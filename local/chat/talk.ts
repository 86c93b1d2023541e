import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { systemClock } from "../../core/base/clock.ts";
import { refused } from "../../core/base/errors.ts";
import { Conversation } from "../../web/chat/conversation.ts";
import { messageIds } from "../../web/chat/message-id.ts";
import { openButtons } from "../../web/chat/transcript.ts";
import type { Button, Wire } from "../../web/chat/wire.ts";
import { ReplyPrinter } from "./printer.ts";

export interface TalkOptions {
  wire: Wire;
  input: Readable;
  output: Writable;
  /** For what is not a reply. */
  notices: Writable;
  /** A person types: there is a prompt, and replies are shown as they grow. */
  isInteractive: boolean;
}

/** One talk, until its input ends or the person leaves. */
export class Talk {
  readonly #options: TalkOptions;
  readonly #lines: Interface;
  readonly #conversation: Conversation;
  readonly #printer: ReplyPrinter;
  readonly #changed = new EventTarget();
  readonly #left = new AbortController();
  #isStopping = false;
  #wasAwaited = false;
  #wasWell = true;

  constructor(options: TalkOptions) {
    const { wire, input, output, isInteractive } = options;
    this.#options = options;
    this.#lines = createInterface({ input, terminal: isInteractive, prompt: "› ", ...(isInteractive && { output }) });
    this.#printer = new ReplyPrinter((text) => void output.write(text), isInteractive);
    this.#conversation = new Conversation({
      wire,
      clock: systemClock,
      newId: messageIds(Date.now),
      // What was said in earlier chats is not shown again.
      transcript: { entries: [], version: Date.now() },
      onChange: () => this.#show(),
    });
  }

  /** Resolves when the talk is over and every reply is shown. Rejects when a message was not accepted. */
  async run(): Promise<void> {
    this.#lines.on("SIGINT", () => this.interrupt());
    this.#conversation.start();
    this.#prompt();
    try {
      for await (const line of this.#lines) {
        if (line.trim() === "/exit") this.#leave();
        if (this.#left.signal.aborted) break;
        if (line.trim() === "") this.#prompt();
        else this.#say(line);
        // A person may go on writing; lines of a pipe are a conversation, one after the other.
        if (!this.#options.isInteractive) await this.#settled();
      }
      await this.#settled();
    } finally {
      this.#lines.close();
      this.#conversation.close();
    }
  }

  #say(line: string): void {
    const button = buttonMeant(line, openButtons(this.#conversation.transcript));
    if (button) this.#conversation.press(button);
    else this.#conversation.say(line);
  }

  /** Ctrl-C: stops a reply that is awaited; a second time, or at the prompt, ends the talk. */
  interrupt(): void {
    if (this.#conversation.isAwaited && !this.#isStopping) {
      this.#isStopping = true;
      this.#conversation.say("/stop");
    } else this.#leave();
  }

  #leave(): void {
    this.#left.abort();
    this.#lines.close();
  }

  async #settled(): Promise<void> {
    const isPatient = () => this.#options.isInteractive || this.#conversation.health.kind === "well";
    while (this.#conversation.isAwaited && isPatient() && !this.#left.signal.aborted)
      await once(this.#changed, "change", { signal: this.#left.signal }).catch(() => undefined);
    const { health } = this.#conversation;
    const problem = health.kind === "well" ? this.#refusal() : health.message;
    if (problem !== undefined && !this.#options.isInteractive) throw refused(problem);
  }

  #refusal(): string | undefined {
    const last = this.#conversation.transcript.entries.findLast((entry) => entry.by === "person");
    return last?.state === "refused" ? `The message was not accepted. ${last.problem ?? ""}` : undefined;
  }

  #show(): void {
    this.#printer.show(this.#conversation.transcript.entries);
    if (this.#options.isInteractive) this.#showState();
    this.#changed.dispatchEvent(new Event("change"));
  }

  #showState(): void {
    const { health, isAwaited } = this.#conversation;
    const { notices } = this.#options;
    const isWell = health.kind === "well";
    if (!isWell && this.#wasWell) notices.write(`\n${health.message} I keep trying; Ctrl-C ends.\n`);
    if (this.#wasAwaited && !isAwaited) {
      this.#isStopping = false;
      const refusal = this.#refusal();
      if (refusal !== undefined) notices.write(`${refusal}\n`);
      this.#prompt();
    }
    this.#wasWell = isWell;
    this.#wasAwaited = isAwaited;
  }

  #prompt(): void {
    if (!this.#options.isInteractive || this.#left.signal.aborted) return;
    this.#options.output.write("\n");
    this.#lines.prompt();
  }
}

/** The button of an open question that a line names, by its number or its label. */
export function buttonMeant(line: string, buttons: readonly Button[]): Button | undefined {
  const meant = line.trim().toLowerCase();
  return buttons.find(({ label }, index) => meant === String(index + 1) || meant === label.trim().toLowerCase());
}
