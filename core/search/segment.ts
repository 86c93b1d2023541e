import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { fatal } from "../base/errors.ts";
import { messageId, type SearchRole, searchRoles } from "./search.ts";
import type { IndexedMessage } from "./messages.ts";
import type { Match } from "./query.ts";
import { columnsOf, type SessionHead } from "./schema.ts";
import { textFormats } from "./words.ts";

/** Where a message is in its session. */
export interface MessagePlace {
  turn: number;
  step: number;
  role: SearchRole;
}

/** What one segment knows of a session; others may know more. */
export interface PartialSummary extends SessionHead {
  lastAt: number;
  turns: number[];
}

export interface SegmentQuery {
  match: Match;
  roles: readonly SearchRole[];
  /** Sessions that are left out. */
  except: readonly string[];
  sort?: "newest" | "oldest" | undefined;
  limit: number;
}

/** An open segment. Every call is short and synchronous: a segment may be closed between two of them. */
export interface Segment {
  messages: number;
  chars: number;
  /** Messages in which this occurs. */
  count(match: Match, roles: readonly SearchRole[]): number;
  /** The best message of each session that has one. */
  find(query: SegmentQuery): IndexedMessage[];
  has(session: string): boolean;
  summaries(sessions: readonly string[]): PartialSummary[];
  /** Of the sessions that were used last: id and time. */
  recent(except: readonly string[], limit: number): { session: string; lastAt: number }[];
  places(session: string, roles: readonly SearchRole[]): MessagePlace[];
  message(session: string, place: MessagePlace): IndexedMessage | undefined;
  close(): void;
}

/** Statements that an open segment keeps; there are hardly more different ones. */
const maxStatements = 32;

type Row = Record<string, SQLOutputValue>;

const columns = "s.session, m.turn, m.step, m.role, m.at, m.text";
const order = { best: "score", newest: "s.last_at DESC", oldest: "s.last_at" } as const;

/** Of `matches`, which has rowid and rank: the best message of each session. */
const findSql = (matches: string, sort: keyof typeof order) => `
  SELECT ${columns}, min(found.rank) AS score
  FROM (${matches}) AS found JOIN messages m ON m.id = found.rowid JOIN sessions s ON s.id = m.session
  WHERE s.session NOT IN (SELECT value FROM json_each(?)) GROUP BY m.session ORDER BY ${order[sort]} LIMIT ?`;

const recentSql = `SELECT session, last_at FROM sessions WHERE session NOT IN (SELECT value FROM json_each(?))
  ORDER BY last_at DESC LIMIT ?`;
const countSql = "SELECT count(*) AS n FROM words WHERE words MATCH ?";
const allMatches = "SELECT rowid, rank FROM words WHERE words MATCH ?";
/**
 * Enough for the best few sessions, unless one of them has them all; sorted without looking at messages. With its plus SQLite
 * keeps 200 of them; without, FTS5 would sort all.
 */
const bestMatches = `${allMatches} ORDER BY +rank LIMIT 200`;

const summarySql = `
  SELECT session, title, title_turn, started_at, last_at,
    (SELECT group_concat(DISTINCT turn) FROM messages m WHERE m.session = s.id) AS turns
  FROM sessions s WHERE session`;

const indexesOf = (roles: readonly SearchRole[]) => roles.map((role) => searchRoles.indexOf(role)).join(", ");

function toMessage(row: Row): IndexedMessage {
  const session = String(row["session"]);
  const place = placeOf(row);
  return { session, ...place, id: messageId({ session, ...place }), at: Number(row["at"]), text: String(row["text"]) };
}

const placeOf = (row: Row): MessagePlace => ({
  turn: Number(row["turn"]),
  step: Number(row["step"]),
  role: searchRoles[Number(row["role"])] ?? "tool",
});

const toSummary = (row: Row): PartialSummary => ({
  session: String(row["session"]),
  title: String(row["title"]),
  titleTurn: Number(row["title_turn"]),
  startedAt: Number(row["started_at"]),
  lastAt: Number(row["last_at"]),
  turns: String(row["turns"] ?? "")
    .split(",")
    .filter(Boolean)
    .map(Number),
});

/** Opens a segment that is stamped with this owner's hash; another one is a defect. */
export function openSegment(path: string, owner: string): Segment {
  const database = new DatabaseSync(path, { readOnly: true });
  const about = database.prepare("SELECT owner, messages, chars, user_version FROM about, pragma_user_version").get();
  const refuse = (why: string, code: string) => {
    database.close();
    return fatal(why, { code });
  };
  if (about?.["owner"] !== owner) throw refuse("A search segment belongs to somebody else.", "search.owner");
  const format = textFormats[Number(about["user_version"])];
  if (!format) throw refuse("A search segment has an unknown format.", "search.format");

  /** The expression with the columns it is about; an FTS5 column filter. */
  const within = (match: Match, roles: readonly SearchRole[]) =>
    `{${columnsOf(roles, format).join(" ")}} : (${match(format)})`;

  const statements = new Map<string, StatementSync>();
  function all(sql: string, ...values: (string | number)[]): Row[] {
    const statement = statements.get(sql) ?? database.prepare(sql);
    if (statements.size < maxStatements) statements.set(sql, statement);
    return statement.all(...values);
  }

  return {
    messages: Number(about["messages"]),
    chars: Number(about["chars"]),
    count: (match, roles) => Number(all(countSql, within(match, roles))[0]?.["n"]),
    has: (session) => all("SELECT 1 FROM sessions WHERE session = ?", session).length > 0,
    find({ match, roles, except, sort: by, limit }) {
      const sort = by ?? "best";
      const search = (matches: string) =>
        all(findSql(matches, sort), within(match, roles), JSON.stringify(except), limit).map(toMessage);
      const best = sort === "best" ? search(bestMatches) : [];
      return best.length === limit ? best : search(allMatches);
    },
    summaries: (sessions) =>
      all(`${summarySql} IN (${sessions.map(() => "?").join(", ")})`, ...sessions).map(toSummary),
    recent: (except, limit) =>
      all(recentSql, JSON.stringify(except), limit).map((row) => ({
        session: String(row["session"]),
        lastAt: Number(row["last_at"]),
      })),
    places: (session, roles) =>
      all(
        `SELECT turn, step, role FROM messages WHERE session = (SELECT id FROM sessions WHERE session = ?)
         AND role IN (${indexesOf(roles)}) ORDER BY turn, step, role`,
        session,
      ).map(placeOf),
    message: (session, { turn, step, role }) =>
      all(
        `SELECT ${columns} FROM messages m JOIN sessions s ON s.id = m.session
         WHERE s.session = ? AND turn = ? AND step = ? AND role = ?`,
        session,
        turn,
        step,
        searchRoles.indexOf(role),
      ).map(toMessage)[0],
    close: () => database.close(),
  };
}
