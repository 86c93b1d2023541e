import type { Button } from "./platform.ts";

/** A message left for a client that fetches its replies. */
export interface Letter {
  id: string;
  text: string;
  /** False while the agent is still writing it. */
  final: boolean;
  /** The message that it answers: of those it answers together, the newest. */
  replyTo?: string;
  /** Below the text while its question is open: the client posts the `payload` of the one that is pressed. */
  buttons?: readonly Button[];
  /** Grows with every change of any letter, so a client asks for all that is newer than what it has. */
  version: number;
}

/**
 * Where a platform without an API of its own (web page, terminal) leaves its messages. `chat` is the place's.
 * Letters are kept for a day: the history is in the session.
 */
export interface Mailbox {
  /** Writes a letter, or replaces the one with its id. */
  put(chat: string, letter: Omit<Letter, "version">): Promise<void>;
  /**
   * Letters of this version and newer ones, oldest first and at most 50: the newest one known comes again, so that
   * none is missed.
   */
  after(chat: string, version: number): Promise<Letter[]>;
}
