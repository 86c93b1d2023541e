import * as z from "zod";
import type { Json } from "../base/json.ts";
import {
  type FoundMessage,
  type SearchRole,
  searchRoleSchema,
  type SessionHit,
  type SessionSearch,
  type SessionSummary,
} from "../search/search.ts";
import { defineTool } from "./tool.ts";

const defaultLimit = 3;
const maxLimit = 10;
const recentLimit = 10;
const defaultWindow = 5;
const maxWindow = 20;
/** What shows how a found session began and how it ended. */
const bookends = 3;
const readEnds = 20;
const maxMessageChars = 2_000;
const defaultRoles: SearchRole[] = ["user", "assistant"];

const input = z.object({
  query: z.string().optional().describe('Words that must occur; "phrase", OR, NOT, prefix*'),
  limit: z.number().optional().describe(`Sessions, default ${defaultLimit}, at most ${maxLimit}`),
  sort: z.enum(["newest", "oldest"]).optional().describe("Default: best match first"),
  detail: z.enum(["adaptive", "full"]).optional().describe("full: messages around every hit, not only the best"),
  session_id: z.string().optional().describe("Read this session"),
  around_message_id: z.string().optional().describe("Scroll: messages around this one"),
  window: z.number().optional().describe(`Messages on each side, default ${defaultWindow}, at most ${maxWindow}`),
  role_filter: z.array(searchRoleSchema).optional().describe("Default user and assistant"),
});
type Input = z.infer<typeof input>;

export const sessionSearch = defineTool({
  name: "session_search",
  toolset: "session_search",
  description:
    "Earlier conversations with this person. With query: sessions that fit, the best with the messages around the hit. " +
    "With around_message_id: scroll there. With session_id: read it. With nothing: recent sessions. " +
    "Use it when they refer to something that was said before, instead of asking them to repeat it.",
  input,
  effect: "read",
  async run(wanted, { search }) {
    if (wanted.around_message_id !== undefined) return scroll(wanted.around_message_id, wanted, search);
    if (wanted.session_id !== undefined) return read(wanted.session_id, wanted, search);
    if (wanted.query !== undefined && wanted.query.trim() !== "") return discover(wanted.query, wanted, search);
    const sessions = await search.recent(bounded(wanted.limit, recentLimit, maxLimit));
    return { sessions: sessions.map(summaryOf) };
  },
});

const bounded = (value: number | undefined, usual: number, most: number): number =>
  Math.min(most, Math.max(1, Math.floor(value ?? usual) || 1));

const rolesOf = ({ role_filter }: Input): SearchRole[] => (role_filter?.length ? role_filter : defaultRoles);
const windowOf = ({ window }: Input): number => bounded(window, defaultWindow, maxWindow);

const timeOf = (at: number): string => new Date(at).toISOString();

const summaryOf = ({ session, title, startedAt, lastAt, turns }: SessionSummary): Record<string, Json> => ({
  session_id: session,
  title,
  started: timeOf(startedAt),
  last: timeOf(lastAt),
  turns,
});

const messageOf = ({ id, role, text, at }: FoundMessage): Json => ({
  id,
  role,
  at: timeOf(at),
  text: text.length > maxMessageChars ? `${text.slice(0, maxMessageChars).toWellFormed()} […]` : text,
});

async function discover(words: string, wanted: Input, search: SessionSearch): Promise<Json> {
  const limit = bounded(wanted.limit, defaultLimit, maxLimit);
  const { sort } = wanted;
  const { hits, isLoose } = await search.find({ words, roles: rolesOf(wanted), limit, ...(sort && { sort }) });
  if (hits.length === 0) return { results: [], note: "Nothing was found. Try fewer or other words, OR, or prefix*." };
  const results = await Promise.all(
    hits.map(async (hit, at) => (at === 0 || wanted.detail === "full" ? wholeHit(hit, wanted, search) : hitOf(hit))),
  );
  return { results, ...(isLoose && { note: "No message has all the words; these have some of them." }) };
}

const hitOf = ({ summary, anchor, excerpt }: SessionHit): Record<string, Json> => ({
  ...summaryOf(summary),
  message_id: anchor.id,
  role: anchor.role,
  at: timeOf(anchor.at),
  excerpt,
});

/** A hit with what was said around it, and how its session began and ended. */
async function wholeHit(hit: SessionHit, wanted: Input, search: SessionSearch): Promise<Json> {
  const roles = rolesOf(wanted);
  const [passage, text] = await Promise.all([
    search.around(hit.anchor.id, { window: windowOf(wanted), roles }),
    search.read(hit.summary.session, { ends: bookends, roles }),
  ]);
  const messages = passage?.messages ?? [hit.anchor];
  const shown = new Set(messages.map(({ id }) => id));
  const others = (some: FoundMessage[] = []) => some.filter(({ id }) => !shown.has(id)).map(messageOf);
  return { ...hitOf(hit), first: others(text?.head), messages: messages.map(messageOf), last: others(text?.tail) };
}

async function scroll(id: string, wanted: Input, search: SessionSearch): Promise<Json> {
  const passage = await search.around(id, { window: windowOf(wanted), roles: rolesOf(wanted) });
  if (!passage) return { error: `There is no message ${id}. Take an id from an earlier answer of this tool.` };
  const { summary, messages, before, after } = passage;
  return { ...summaryOf(summary), before, messages: messages.map(messageOf), after };
}

async function read(session: string, wanted: Input, search: SessionSearch): Promise<Json> {
  const text = await search.read(session, { ends: readEnds, roles: rolesOf(wanted) });
  if (!text) return { error: `There is no session ${session}. Take an id from an earlier answer of this tool.` };
  const { summary, head, leftOut, tail } = text;
  return {
    ...summaryOf(summary),
    messages: head.map(messageOf),
    ...(leftOut > 0 && { left_out: `${leftOut} messages; scroll there with around_message_id` }),
    ...(tail.length > 0 && { last_messages: tail.map(messageOf) }),
  };
}
