import { TalariaError } from "../../core/base/errors.ts";
import { systemClock } from "../../core/base/clock.ts";
import type { Settings } from "../../core/base/settings.ts";
import type { Inbound } from "../../core/conversation/inbound.ts";
import type { Place } from "../../core/conversation/place.ts";
import type { Button, ConnectOptions, Parsed, Platform, RawRequest } from "../../core/platforms/platform.ts";
import type { Answer, FakeServer } from "../fakes/platform-server.ts";

/** A request as a fake platform's delivery helper builds it. */
export interface Delivery {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  query?: Record<string, string>;
}

export const rawRequest = (delivery: Delivery): RawRequest => ({
  method: delivery.method,
  path: delivery.path,
  query: delivery.query ?? {},
  headers: delivery.headers,
  body: new TextEncoder().encode(delivery.body),
});

export interface PlatformCase {
  platform: Platform;
  /** Every required setting, and where to find the fake server. */
  settings(serverUrl: string): Settings;
  /** Settings that `verify` cannot do without. */
  verifyingSettings: readonly string[];
  /** A direct message, correctly signed at `atMs` (now when absent). */
  message(text: string, id: number, atMs?: number): Delivery;
  /** Any body, correctly signed. */
  signed(body: string): Delivery;
  /** Correctly signed deliveries that hold no message to the agent: its own, edits, receipts … by what they are. */
  silent: Readonly<Record<string, Delivery>>;
  /** Whether a signature is bound to a time. */
  hasTimestamp: boolean;
  /** The delivery with a signature that is not ours. */
  forged(delivery: Delivery): Delivery;
  place: Place;
  startServer(): Promise<FakeServer & { messages: { text: string; buttons?: readonly Button[] }[] }>;
  /** Needed when `limits.maxButtons` is declared. */
  buttons?: ButtonsCase;
  /** What the platform answers to too many requests, asking for a pause of 7 seconds. */
  flood: Answer;
  /** What the platform answers when it will not take the message. */
  refusal: Answer;
}

export interface ButtonsCase {
  /** The press of a button, under a message at the case's `place`, as the platform delivers it; correctly signed. */
  press(button: Button, options: PressOptions): Delivery;
  /** Two people, as senders: a platform where only one can be in a place names that one twice. */
  people: readonly [string, string];
  /** Presses of what we never send, and of people who are not: nothing to do, whatever is answered. */
  foreign: Readonly<Record<string, Delivery>>;
  /** What the platform reads when a press is in; absent where a plain 200 is enough. */
  response?: RegExp;
}

export interface PressOptions {
  /** Counts the presses. */
  id: number;
  /** One of `people`. */
  by: string;
  /** All buttons of the message. */
  of: readonly Button[];
}

/** For platforms with an API of their own: they never touch the mailbox. */
export const connectOptions: ConnectOptions = {
  clock: systemClock,
  mailbox: { put: () => Promise.reject(new Error("Not for this platform.")), after: () => Promise.resolve([]) },
};

export function messagesOf(parsed: Parsed): Inbound[] {
  if (parsed.kind !== "messages") throw new Error(`Expected messages, got ${JSON.stringify(parsed)}`);
  return parsed.messages;
}

export async function failureOf(promise: Promise<unknown>): Promise<TalariaError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TalariaError) return error;
    throw error;
  }
  throw new Error("Expected a failure.");
}
