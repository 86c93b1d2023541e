/** The way to the agent: posting a message and fetching letters (core/platforms/web.ts is the other end). */
import { refused, retryable, type TalariaError } from "../../core/base/errors.ts";

/** An answer to a letter's question, by its label; the payload is what the agent knows it by. */
export interface Button {
  payload: string;
  label: string;
}

export interface Letter {
  id: string;
  text: string;
  final: boolean;
  replyTo?: string;
  buttons?: readonly Button[];
  version: number;
}

export interface Wire {
  /**
   * Resolves when the agent has the message for good. The same id again is the same message. `pressed` is the payload
   * of a button, and the text then its label.
   */
  send(id: string, text: string, pressed?: string): Promise<void>;
  /** Letters of this version and newer ones, oldest first. */
  lettersAfter(version: number): Promise<Letter[]>;
}

export interface WireOptions {
  /** The agent's address, without a slash at the end; "" on a page of the agent's own. */
  url: string;
  token: string;
  chat: string;
}

const timeoutMs = 15_000;

/** The agent does not know our token: whatever is asked, the answer will be the same until the client starts anew. */
export const lockedOut = "wire.locked-out";

/** Every failure is a TalariaError: `retryable` when there was no answer or a passing one, else `refused`. */
export function openWire({ url, token, chat }: WireOptions): Wire {
  const address = `${url}/webhooks/web`;

  async function ask(query: string, init: RequestInit): Promise<unknown> {
    const headers = { authorization: `Bearer ${token}`, ...(init.body ? { "content-type": "application/json" } : {}) };
    let response: Response;
    let text: string;
    try {
      response = await fetch(address + query, { ...init, headers, signal: AbortSignal.timeout(timeoutMs) });
      text = await response.text();
    } catch (cause) {
      throw retryable("The agent cannot be reached.", { code: "wire.unreachable", cause });
    }
    if (!response.ok) throw failure(response.status, text);
    return parsed(text);
  }

  return {
    async send(id, text, pressed) {
      await ask("", { method: "POST", body: JSON.stringify({ chat, text, id, pressed }) });
    },
    async lettersAfter(version) {
      const query = new URLSearchParams({ chat, after: String(version) });
      return lettersOf(await ask(`?${query.toString()}`, { method: "GET" }));
    },
  };
}

function failure(status: number, text: string): TalariaError {
  const reason = (parsed(text) as { error?: unknown } | undefined)?.error;
  const words = typeof reason === "string" ? reason : `The agent answered with HTTP ${status}.`;
  if (status === 401 || status === 403 || status === 404) return refused(words, { code: lockedOut });
  return status >= 500 || status === 408 || status === 429 ? retryable(words) : refused(words);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lettersOf(answer: unknown): Letter[] {
  const { letters } = (answer ?? {}) as { letters?: unknown };
  if (!Array.isArray(letters)) throw retryable("Something that is not the agent answered.", { code: "wire.stranger" });
  return letters.filter(isLetter);
}

function isLetter(value: unknown): value is Letter {
  const { id, text, final, version, buttons } = (value ?? {}) as Record<string, unknown>;
  const isText =
    typeof id === "string" && typeof text === "string" && typeof final === "boolean" && typeof version === "number";
  return isText && (buttons === undefined || (Array.isArray(buttons) && buttons.every(isButton)));
}

function isButton(value: unknown): value is Button {
  const { payload, label } = (value ?? {}) as Record<string, unknown>;
  return typeof payload === "string" && typeof label === "string";
}
