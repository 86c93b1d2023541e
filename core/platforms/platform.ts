import type { Clock } from "../base/clock.ts";
import type { Settings, SettingSpec } from "../base/settings.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { Place } from "../conversation/place.ts";
import type { Mailbox } from "./mailbox.ts";

/** An HTTP request as it reached us: the body is the exact bytes, header names are lower case. */
export interface RawRequest {
  method: string;
  /** The path with its leading slash, without the query. */
  path: string;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

export interface RawResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export type Verdict = { ok: true } | { ok: false; reason: string };

/**
 * What a verified request means.
 * `answer` is sent back at once and nothing else happens (a URL challenge, an acknowledgement with a body).
 * `messages` go to the inbox, in order; an empty list means "understood, nothing to do". `response` is what the platform
 *   wants to read when they are in (a button's acknowledgement); absent: a plain 200.
 * `mailbox` is a client fetching the letters of a chat from a version on (see mailbox.ts).
 * `unreadable` is a verified request whose body is not what the platform documents: answered 400.
 */
export type Parsed =
  | { kind: "messages"; messages: Inbound[]; response?: RawResponse }
  | { kind: "answer"; response: RawResponse }
  | { kind: "mailbox"; chat: string; after: number }
  | { kind: "unreadable"; reason: string };

export interface PlatformLimits {
  /** Longest text of one message, measured in `unit` after rendering. */
  maxLength: number;
  unit: "utf16" | "characters" | "bytes";
  /** How the platform counts a rendered text, where that is not its plain length (hidden markup). */
  measure?(rendered: string): number;
  /** Most buttons under one message; absent where there are none, and the core asks for words instead. */
  maxButtons?: number;
  /** Least time between two edits of one message, in milliseconds; absent where messages cannot be edited. */
  minEditIntervalMs?: number;
  /** The same in a group, where it is longer there. */
  minGroupEditIntervalMs?: number;
  /** The typing indicator fades after this many milliseconds. */
  typingMs?: number;
}

/** A sent message: the platform's id for it, by which it can be edited. */
export interface Sent {
  id: string;
}

/** A button: `payload` (at most 60 characters) comes back as it is in the inbound message's `pressed`. */
export interface Button {
  payload: string;
  label: string;
}

export interface SendOptions {
  /** Equal for every attempt to send the same part; handed to the platform where it has an idempotency key. */
  idempotencyKey: string;
  /** Shown below the text; at most `limits.maxButtons`. */
  buttons?: readonly Button[];
}

/** The sending half, bound to its credentials. Every method throws a TalariaError with the right kind. */
export interface Outbound {
  /** Sends one part: text already rendered and short enough. */
  send(place: Place, rendered: string, options: SendOptions): Promise<Sent>;
  /** Replaces the text of a sent message; absent means that the core sends only finished text. Equal text is a success. */
  edit?(place: Place, id: string, rendered: string): Promise<void>;
  /** Shows that the agent is at work; absent means that the platform has no such sign. */
  typing?(place: Place): Promise<void>;
}

export interface ConnectOptions {
  clock: Clock;
  /** Where a platform without an API of its own leaves its messages. */
  mailbox: Mailbox;
}

/**
 * A messaging platform: one object in one file (or folder). The core never branches on its name.
 *
 * `verify` runs before anything of the body is believed, compares in constant time, and refuses when a secret it
 * needs has no value. `parse` is handed verified requests only; it must leave out the agent's own messages, and
 * return the same `key` for every delivery of one message.
 */
export interface Platform {
  name: string;
  settings: readonly SettingSpec[];
  limits: PlatformLimits;
  /** One or two sentences for the model: which Markdown survives here, how long a reply should be. */
  promptHint: string;
  /** `key`: the platform drops a second send with the same key. `none`: a resend in doubt says that it may be a repeat. */
  idempotency: "key" | "none";
  /**
   * The platform authenticates the sender itself (our own page, a shared signing secret), so the list of allowed
   * users does not apply. Absent means that it applies.
   */
  trusted?: boolean;
  /** The direct chat of a person, where it follows from their id; absent means that nobody is written to who never wrote. */
  directChatOf?(personId: string): Place;
  /** Pending verification requests by GET reach `verify` and `parse` too (WhatsApp's challenge). */
  verify(request: RawRequest, settings: Settings, now: number): Verdict;
  parse(request: RawRequest, settings: Settings): Parsed;
  /** The agent's Markdown in the platform's dialect. Must be pure; the result is what `limits` measures. */
  render(markdown: string): string;
  /** Loads the platform's client library here, not at import: the ingress never sends on its hot path. */
  connect(settings: Settings, options: ConnectOptions): Promise<Outbound>;
}

export const definePlatform = (platform: Platform): Platform => platform;
