/** What can be asked of a person's earlier conversations. */
import * as z from "zod";

export const searchRoles = ["user", "assistant", "tool"] as const;
export const searchRoleSchema = z.enum(searchRoles);
export type SearchRole = z.infer<typeof searchRoleSchema>;

/** One message as it was said; secrets are masked, and very long texts end with a mark. */
export interface FoundMessage {
  /** `<session>#<turn>#<step>#<role>`. */
  id: string;
  role: SearchRole;
  text: string;
  /** Milliseconds since 1970. */
  at: number;
}

export interface SessionSummary {
  session: string;
  /** The first words of its first message. */
  title: string;
  startedAt: number;
  lastAt: number;
  /** Turns that were indexed. */
  turns: number;
}

/** One session that a query found, at its best message. */
export interface SessionHit {
  summary: SessionSummary;
  anchor: FoundMessage;
  /** The anchor's text around the words that were found. */
  excerpt: string;
}

export interface SearchQuery {
  /** All words count; "phrases", OR, NOT and prefix* are understood. Anything is allowed: nothing is a syntax error. */
  words: string;
  roles: readonly SearchRole[];
  /** Sessions, not messages. */
  limit: number;
  /** By when a session was used last; absent: the best first. */
  sort?: "newest" | "oldest";
}

export interface SearchResult {
  /** One per session. */
  hits: SessionHit[];
  /** No message had all the words, so these have some of them. */
  isLoose: boolean;
}

/** Messages of one session, in the order in which they were said. */
export interface Passage {
  summary: SessionSummary;
  messages: FoundMessage[];
  /** Messages that come before and after. */
  before: number;
  after: number;
}

/** A whole session, or its beginning and its end. */
export interface SessionText extends Pick<Passage, "summary"> {
  head: FoundMessage[];
  /** Messages between head and tail that are left out. */
  leftOut: number;
  tail: FoundMessage[];
}

/** Whose sessions are searched, and for which of them: its own text and that of its lineage (`/resume`) it has already. */
export interface SearchFor {
  profile: string;
  owner: string;
  session: string;
  lineage?: readonly string[];
}

/**
 * The indexed sessions of one owner: a person, or in a group the conversation. Nothing of another owner can be reached,
 * whatever is asked. The session that asks, and its lineage, are in no result of `find` and `recent`. A turn is there soon after its delivery.
 */
export interface SessionSearch {
  find(query: SearchQuery): Promise<SearchResult>;
  /** `undefined` when the owner has no such message. `window` messages on each side. */
  around(id: string, options: { window: number; roles: readonly SearchRole[] }): Promise<Passage | undefined>;
  /** `undefined` when the owner has no such session. At most `ends` messages at each end. */
  read(session: string, options: { ends: number; roles: readonly SearchRole[] }): Promise<SessionText | undefined>;
  /** Newest first. */
  recent(limit: number): Promise<SessionSummary[]>;
}

export const messageId = (at: { session: string; turn: number; step: number; role: SearchRole }): string =>
  `${at.session}#${at.turn}#${at.step}#${at.role}`;

/** What a message id says; `undefined` when it is none. */
export function placeOfMessage(id: string): { session: string; role: SearchRole } | undefined {
  const [, session, role] = /^([^#]+)#\d+#\d+#([a-z]+)$/.exec(id) ?? [];
  const known = searchRoleSchema.safeParse(role);
  return session !== undefined && known.success ? { session, role: known.data } : undefined;
}
