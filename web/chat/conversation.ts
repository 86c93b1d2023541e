import type { Clock } from "../../core/base/clock.ts";
import { isKind, messageOf, TalariaError } from "../../core/base/errors.ts";
import { pollPauseMs, retryPauseMs } from "./pace.ts";
import {
  emptyTranscript,
  isAwaited,
  nextToSend,
  withLetters,
  withOutcome,
  withPressed,
  withSaid,
  type Transcript,
} from "./transcript.ts";
import { lockedOut, type Button, type Wire } from "./wire.ts";

/** How the talk with the agent goes: `message` says what is wrong, in words for the person. */
export type Health =
  | { kind: "well" }
  | { kind: "unreachable"; message: string }
  | { kind: "locked-out"; message: string };

export interface ConversationOptions {
  wire: Wire;
  clock: Clock;
  newId: () => string;
  /** What was said before; nothing when absent. */
  transcript?: Transcript;
  /** Nobody is looking, so there is less hurry. */
  isHidden?: () => boolean;
  onChange: () => void;
}

/**
 * One chat with the agent, as its client sees it: sends in order, each message until the agent has it, and fetches
 * letters, often while a reply is awaited. A client that shows it is told of every change.
 */
export class Conversation {
  transcript: Transcript;
  health: Health = { kind: "well" };
  readonly #options: ConversationOptions;
  readonly #closed = new AbortController();
  #rest = new AbortController();
  #isSending = false;
  #failures = 0;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.transcript = options.transcript ?? emptyTranscript;
  }

  /** Starts fetching, and sends what an earlier client could not. */
  start(): void {
    void this.#poll();
    void this.#send();
  }

  get isAwaited(): boolean {
    return isAwaited(this.transcript);
  }

  say(text: string): void {
    this.#become(withSaid(this.transcript, this.#options.newId(), text));
    void this.#send();
  }

  /** Answers a question with one of its buttons. */
  press(button: Button): void {
    this.#become(withPressed(this.transcript, this.#options.newId(), button));
    void this.#send();
  }

  /** Goes on with a transcript that another client of the same chat has brought further. */
  adopt(transcript: Transcript): void {
    this.#become(transcript);
    void this.#send();
  }

  /** Fetches now: somebody is looking again, or a reply is to be expected. */
  hurry(): void {
    this.#rest.abort();
  }

  close(): void {
    this.#closed.abort();
    this.hurry();
  }

  #become(transcript: Transcript): void {
    if (transcript === this.transcript) return;
    this.transcript = transcript;
    this.#options.onChange();
  }

  async #poll(): Promise<void> {
    const { clock, wire, isHidden = () => false } = this.#options;
    while (!this.#closed.signal.aborted) {
      await this.#attempt(async () => {
        const letters = await wire.lettersAfter(this.transcript.version);
        if (!this.#closed.signal.aborted) this.#become(withLetters(this.transcript, letters));
      });
      this.#rest = new AbortController();
      const pauseMs = pollPauseMs({ isAwaited: this.isAwaited, isHidden: isHidden(), failures: this.#failures });
      await clock.sleep(pauseMs, AbortSignal.any([this.#rest.signal, this.#closed.signal]));
    }
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let next = nextToSend(this.transcript); next; next = nextToSend(this.transcript)) {
      const { id, text, pressed } = next;
      const error = await this.#attempt(() => this.#options.wire.send(id, text, pressed));
      if (this.#closed.signal.aborted) break;
      if (!error) {
        this.#become(withOutcome(this.transcript, id, { state: "sent" }));
        this.hurry();
      } else if (isKind(error, "refused")) {
        this.#become(withOutcome(this.transcript, id, { state: "refused", problem: error.message }));
      } else await this.#options.clock.sleep(retryPauseMs(this.#failures), this.#closed.signal);
    }
    this.#isSending = false;
  }

  /** Runs one exchange and keeps the health; the answer is what went wrong. */
  async #attempt(exchange: () => Promise<void>): Promise<unknown> {
    try {
      await exchange();
      this.#failures = 0;
      this.#feel({ kind: "well" });
      return undefined;
    } catch (error) {
      this.#failures += 1;
      this.#feel(healthAfter(error));
      return error;
    }
  }

  #feel(health: Health): void {
    const isNews = health.kind !== this.health.kind;
    this.health = health;
    if (isNews) this.#options.onChange();
  }
}

function healthAfter(error: unknown): Health {
  const message = messageOf(error);
  if (error instanceof TalariaError && error.code === lockedOut) return { kind: "locked-out", message };
  return isKind(error, "refused") ? { kind: "well" } : { kind: "unreachable", message };
}
