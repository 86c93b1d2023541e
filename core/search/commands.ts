/** What `/sessions` and `/resume` say and find. */
import type { Session } from "../conversation/session.ts";
import { searchRoles, type SessionSearch, type SessionSummary } from "./search.ts";

/** The part of core/store that lists sessions, and the index of the same owner. */
export interface SessionSources {
  sessions: {
    get(id: string): Promise<Session | undefined>;
    listOf(owner: Pick<Session, "owner" | "conversation">, limit: number): Promise<Session[]>;
  };
  search: SessionSearch;
}

/** Who asks: the owner, the conversation that would go on with another session, and its session now. */
export type Asker = Pick<Session, "owner" | "conversation" | "id">;

const shownSessions = 10;
const ids = /^ses_[0-9A-Z]{6,}$/i;

/** Profile and kind (direct or group) of a conversation key (gateway/conversation-key.ts). */
const frameOf = (conversation: string): string => {
  const [profile, , , kind] = conversation.split(":");
  return `${profile}:${kind}`;
};

const belongsTo = (session: Session, asker: Asker): boolean =>
  session.id !== asker.id &&
  session.owner === asker.owner &&
  frameOf(session.conversation) === frameOf(asker.conversation);

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** What would be markup in a title is said as it is. */
const plain = (text: string): string => text.replaceAll(/[\\`*_[\]<>~|]/g, (sign) => `\\${sign}`);

const lineOf = ({ session, title, startedAt, lastAt, turns }: SessionSummary): string => {
  const days = dayOf(startedAt) === dayOf(lastAt) ? dayOf(startedAt) : `${dayOf(startedAt)} to ${dayOf(lastAt)}`;
  return `- ${plain(title)}\n  ${days}, ${turns} ${turns === 1 ? "turn" : "turns"}, \`${session}\``;
};

/** Markdown for `/sessions [words]`: the sessions in which the words occur, or the recent ones. */
export async function describeSessions(words: string, asker: Asker, sources: SessionSources): Promise<string> {
  const found = await summariesFor(words.trim(), asker, sources);
  if (found.length === 0)
    return words.trim() === "" ? "There is no earlier session." : "No earlier session has these words.";
  const heading = words.trim() === "" ? "Recent sessions:" : "Sessions with these words:";
  return [heading, "", ...found.map(lineOf), "", "Go on with one of them: `/resume` and its id, or words of it."].join(
    "\n",
  );
}

async function summariesFor(
  words: string,
  asker: Asker,
  { sessions, search }: SessionSources,
): Promise<SessionSummary[]> {
  if (words !== "") {
    const { hits } = await search.find({ words, roles: ["user", "assistant"], limit: shownSessions });
    return hits.map(({ summary }) => summary);
  }
  const [indexed, listed] = await Promise.all([
    search.recent(shownSessions),
    sessions.listOf(asker, shownSessions + 1),
  ]);
  const known = new Set([asker.id, ...indexed.map(({ session }) => session)]);
  const others = listed.filter(({ id }) => !known.has(id));
  const looked = await Promise.all(others.map((session) => summaryOf(session, search)));
  return [...indexed, ...looked].sort((a, b) => b.lastAt - a.lastAt).slice(0, shownSessions);
}

/** Of a session that is not among the recent ones of the index: older, or not indexed yet. */
async function summaryOf({ id, startedAt }: Session, search: SessionSearch): Promise<SessionSummary> {
  const text = await search.read(id, { ends: 0, roles: searchRoles });
  return text?.summary ?? { session: id, title: "(begun just now)", startedAt, lastAt: startedAt, turns: 0 };
}

/**
 * The session that `/resume <id or words>` means: of the same owner, and as direct or as much in a group as the
 * conversation that asks. Words are looked for in titles before they are in messages.
 */
export async function findSession(
  idOrWords: string,
  asker: Asker,
  sources: SessionSources,
): Promise<string | undefined> {
  const { sessions, search } = sources;
  const words = idOrWords.trim().replaceAll("`", "");
  if (words === "") return undefined;
  const isOurs = async (id: string) => {
    const session = await sessions.get(id);
    return session !== undefined && belongsTo(session, asker);
  };
  if (ids.test(words)) return (await isOurs(words)) ? words : undefined;
  const { hits } = await search.find({ words, roles: ["user", "assistant"], limit: shownSessions });
  const wanted = words.toLowerCase();
  const titled = hits.filter(({ summary }) => summary.title.toLowerCase().includes(wanted));
  for (const { summary } of [...titled, ...hits]) if (await isOurs(summary.session)) return summary.session;
  return undefined;
}
