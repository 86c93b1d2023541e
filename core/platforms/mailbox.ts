/** A message left for a client that fetches its replies. */
export interface Letter {
  id: string;
  text: string;
  /** Grows with every change of any letter, so a client asks for all that is newer than what it has. */
  version: number;
  /** False while the agent is still writing it. */
  final: boolean;
}

/**
 * Where a platform without an API of its own (web page, terminal) leaves its messages. `chat` is the place's.
 * Letters are kept for a day: the history is in the session.
 */
export interface Mailbox {
  /** Writes or replaces a letter. */
  put(chat: string, id: string, text: string, final: boolean): Promise<void>;
  /** Letters of this version and newer ones, oldest first: the newest one known comes again, so that none is missed. */
  after(chat: string, version: number): Promise<Letter[]>;
}
