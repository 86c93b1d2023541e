import type { IndexedMessage } from "./messages.ts";
import { parseQuery, type Match, type Query } from "./query.ts";
import { excerptOf, scoreOf } from "./rank.ts";
import type { SearchQuery, SearchRole, SessionHit, SessionSearch, SessionSummary } from "./search.ts";
import { messageId, placeOfMessage } from "./search.ts";
import type { MessagePlace, PartialSummary, Segment } from "./segment.ts";
import type { Segments } from "./store.ts";

/** Sessions that each segment proposes, before all are ranked together. */
const candidates = 10;

/** Adds up what segments know of sessions; the newest segment comes first. */
function mergeSummaries(parts: readonly PartialSummary[]): Map<string, SessionSummary> {
  const bySession = Map.groupBy(parts, ({ session }) => session);
  const merged = [...bySession].map(([session, known]): [string, SessionSummary] => {
    const titled = known.reduce((first, other) => (other.titleTurn < first.titleTurn ? other : first));
    return [
      session,
      {
        session,
        title: titled.title,
        startedAt: titled.startedAt,
        lastAt: Math.max(...known.map(({ lastAt }) => lastAt)),
        turns: new Set(known.flatMap(({ turns }) => turns)).size,
      },
    ];
  });
  return new Map(merged);
}

const comparePlaces = (a: MessagePlace, b: MessagePlace): number =>
  a.turn - b.turn || a.step - b.step || roleOrder[a.role] - roleOrder[b.role];
const roleOrder: Readonly<Record<SearchRole, number>> = { user: 0, assistant: 1, tool: 2 };

export interface SessionSearchOptions {
  segments: Segments;
  /** Sessions that are left out: the one that asks, and those that it continues, since it has their text already. */
  except: readonly string[];
}

export function openSessionSearch({ segments, except }: SessionSearchOptions): SessionSearch {
  const summariesOf = async (sessions: readonly string[]) =>
    sessions.length === 0
      ? new Map<string, SessionSummary>()
      : mergeSummaries((await segments.each((segment) => segment.summaries(sessions))).flat());

  /** The best message of each session for one expression, best session first. */
  async function ranked(
    match: Match,
    { terms }: Query,
    { roles, sort, limit }: SearchQuery,
  ): Promise<IndexedMessage[]> {
    const seen = await segments.each((segment) => ({
      found: segment.find({ match, roles, except, sort, limit: Math.max(limit, candidates) }),
      messages: segment.messages,
      chars: segment.chars,
      counts: terms.map((term) => segment.count(term.match, roles)),
    }));
    const total = (of: (part: (typeof seen)[number]) => number) => seen.reduce((sum, part) => sum + of(part), 0);
    const corpus = {
      messages: total(({ messages }) => messages),
      chars: total(({ chars }) => chars),
      counts: terms.map((_, at) => total(({ counts }) => counts[at] ?? 0)),
    };
    const scored = seen
      .flatMap(({ found }) => found)
      .map((message) => ({ message, score: scoreOf(message, terms, corpus) }))
      .sort((a, b) => b.score - a.score);
    return [...new Map(scored.toReversed().map((each) => [each.message.session, each])).values()]
      .sort((a, b) => b.score - a.score)
      .map(({ message }) => message);
  }

  async function hitsOf(messages: readonly IndexedMessage[], query: Query, { sort, limit }: SearchQuery) {
    const summaries = await summariesOf(messages.map(({ session }) => session));
    const hits = messages.flatMap((anchor): SessionHit[] => {
      const summary = summaries.get(anchor.session);
      return summary ? [{ summary, anchor, excerpt: excerptOf(anchor.text, query.terms) }] : [];
    });
    if (sort === "newest") hits.sort((a, b) => b.summary.lastAt - a.summary.lastAt);
    if (sort === "oldest") hits.sort((a, b) => a.summary.lastAt - b.summary.lastAt);
    return hits.slice(0, limit);
  }

  const find: SessionSearch["find"] = async (wanted) => {
    const query = parseQuery(wanted.words);
    if (query.match === undefined || wanted.roles.length === 0) return { hits: [], isLoose: false };
    const strict = await ranked(query.match, query, wanted);
    const isLoose = strict.length === 0 && query.loose !== undefined;
    const messages = isLoose ? await ranked(query.loose!, query, wanted) : strict;
    return { hits: await hitsOf(messages, query, wanted), isLoose: isLoose && messages.length > 0 };
  };

  /** All places of a session's messages, in order, and how to read some of them. */
  async function openText(session: string, roles: readonly SearchRole[]) {
    const parts = await segments.each((segment) => segment.places(session, roles));
    const byId = new Map(parts.flat().map((place) => [messageId({ session, ...place }), place]));
    const places = [...byId.values()].sort(comparePlaces);
    const summary = (await summariesOf([session])).get(session);
    return { places, summary, read: (some: readonly MessagePlace[]) => readPlaces(session, some) };
  }

  async function readPlaces(session: string, places: readonly MessagePlace[]): Promise<IndexedMessage[]> {
    const readIn = (segment: Segment) =>
      segment.has(session) ? places.flatMap((place) => segment.message(session, place) ?? []) : [];
    // The newest segment comes first and is right.
    const byId = new Map(
      (await segments.each(readIn))
        .flat()
        .toReversed()
        .map((message) => [message.id, message]),
    );
    return places.flatMap((place) => byId.get(messageId({ session, ...place })) ?? []);
  }

  const around: SessionSearch["around"] = async (id, { window, roles }) => {
    const asked = placeOfMessage(id);
    if (asked === undefined) return undefined;
    const { session } = asked;
    const { places, summary, read } = await openText(session, [...new Set([...roles, asked.role])]);
    const at = places.findIndex((place) => messageId({ session, ...place }) === id);
    if (!summary || at < 0) return undefined;
    const first = Math.max(0, at - window);
    const shown = places.slice(first, at + window + 1);
    return { summary, messages: await read(shown), before: first, after: places.length - first - shown.length };
  };

  const read: SessionSearch["read"] = async (session, { ends, roles }) => {
    const { places, summary, read: readSome } = await openText(session, roles);
    if (!summary) return undefined;
    const head = places.slice(0, ends);
    const tail = places.slice(Math.max(ends, places.length - ends));
    const leftOut = places.length - head.length - tail.length;
    return { summary, head: await readSome(head), leftOut, tail: await readSome(tail) };
  };

  const recent: SessionSearch["recent"] = async (limit) => {
    const seen = (await segments.each((segment) => segment.recent(except, limit))).flat();
    const sessions = new Set(seen.sort((a, b) => b.lastAt - a.lastAt).map(({ session }) => session));
    const newest = [...sessions].slice(0, limit);
    const summaries = await summariesOf(newest);
    return newest.flatMap((session) => summaries.get(session) ?? []);
  };

  return { find, around, read, recent };
}
