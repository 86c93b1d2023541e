import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { IndexedMessage } from "./messages.ts";
import { type SearchRole, searchRoles } from "./search.ts";
import { indexCharacters, indexText, type TextFormat, textFormats } from "./words.ts";

/** In which columns of `words` messages of these roles are. No phrase of FTS5's goes on in the next column. */
export const columnsOf = (roles: readonly SearchRole[], format: TextFormat): string[] =>
  format === "both" ? [...roles, ...roles.map((role) => `${role}_characters`)] : [...roles];

/**
 * A segment is one SQLite file, made once and never changed. `words` keeps no text of its own (SQLite documentation, FTS5,
 * "Contentless Tables") and has two columns for each role, so that a query names the roles it means.
 * Marks belong to words (Devanagari writes vowels so); accents are folded.
 */
const schema = `
  PRAGMA user_version = ${textFormats.indexOf("both")};
  CREATE TABLE about (owner TEXT NOT NULL, messages INTEGER NOT NULL, chars INTEGER NOT NULL);
  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY, session TEXT NOT NULL UNIQUE, title TEXT NOT NULL, title_turn INTEGER NOT NULL,
    started_at INTEGER NOT NULL, last_at INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY, session INTEGER NOT NULL, turn INTEGER NOT NULL, step INTEGER NOT NULL, role INTEGER NOT NULL,
    at INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (session, turn, step, role)
  );
  CREATE VIRTUAL TABLE words USING fts5 (
    ${columnsOf(searchRoles, "both").join(", ")}, content = '',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
  );`;

/** Copies an attached segment; what is there already is older and gives way. */
const keepTitle = `
  ON CONFLICT (session) DO UPDATE SET title = excluded.title, title_turn = excluded.title_turn
  WHERE excluded.title_turn <= title_turn`;
const copySessions = `
  INSERT INTO sessions (session, title, title_turn, started_at)
  SELECT session, title, title_turn, started_at FROM part.sessions WHERE true ${keepTitle}`;
const copyMessages = `
  INSERT OR REPLACE INTO messages (session, turn, step, role, at, text)
  SELECT mine.id, m.turn, m.step, m.role, m.at, m.text
  FROM part.messages m JOIN part.sessions s ON s.id = m.session JOIN sessions mine ON mine.session = s.session
  ORDER BY m.id`;

const forItsRole = (words: string) => searchRoles.map((_, role) => `iif(role = ${role}, ${words}, NULL)`).join(", ");
const complete = `
  UPDATE sessions SET last_at = coalesce((SELECT max(at) FROM messages WHERE messages.session = sessions.id), started_at);
  INSERT INTO words (rowid, ${columnsOf(searchRoles, "both").join(", ")})
    SELECT id, ${forItsRole("index_text(text)")}, ${forItsRole("index_characters(text)")} FROM messages;
  INSERT INTO words (words) VALUES ('optimize')`;

export interface SessionHead {
  session: string;
  title: string;
  /** The turn whose words the title is; of two titles that of the earlier turn counts. */
  titleTurn: number;
  startedAt: number;
}

export interface SegmentContents {
  /** Files of older segments of the same owner that the new one takes in, oldest first. */
  parts: readonly string[];
  sessions: readonly SessionHead[];
  /** Of these sessions or those of the parts. */
  messages: readonly IndexedMessage[];
}

/** What a segment is stamped with, so that a mistaken file is noticed; also the owner's name in keys. */
export const ownerHash = (profile: string, owner: string): string =>
  createHash("sha256").update(`${profile}\n${owner}`).digest("hex").slice(0, 32);

/** Writes a new segment to a file that does not exist yet. It is complete when this returns. */
export function writeSegment(path: string, owner: string, contents: SegmentContents): void {
  using database = new DatabaseSync(path);
  // Nobody reads the file before it is complete, and after a crash it is made again.
  database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; ${schema}`);
  database.function("index_text", { deterministic: true }, (text) => indexText(String(text)));
  database.function("index_characters", { deterministic: true }, (text) => indexCharacters(String(text)));
  for (const part of contents.parts) {
    // No database can be attached within a transaction.
    database.exec("COMMIT");
    database.prepare("ATTACH ? AS part").run(part);
    database.exec(`BEGIN; ${copySessions}; ${copyMessages}; COMMIT; DETACH part; BEGIN`);
  }
  addMessages(database, contents);
  database.exec(complete);
  database.prepare("INSERT INTO about SELECT ?, count(*), coalesce(sum(length(text)), 0) FROM messages").run(owner);
  database.exec("COMMIT");
  compact(database);
}

/** What FTS5 merged on the way to one index is free pages, a third of a large file: it would be stored and fetched too. */
function compact(database: DatabaseSync): void {
  const free = database.prepare("PRAGMA freelist_count").get();
  if (Number(free?.["freelist_count"]) > 0) database.exec("VACUUM");
}

function addMessages(database: DatabaseSync, { sessions, messages }: SegmentContents): void {
  const addSession = database.prepare(
    `INSERT INTO sessions (session, title, title_turn, started_at) VALUES (?, ?, ?, ?) ${keepTitle}`,
  );
  for (const { session, title, titleTurn, startedAt } of sessions) addSession.run(session, title, titleTurn, startedAt);
  const add = database.prepare(
    `INSERT OR REPLACE INTO messages (session, turn, step, role, at, text)
     VALUES ((SELECT id FROM sessions WHERE session = ?), ?, ?, ?, ?, ?)`,
  );
  for (const { session, turn, step, role, at, text } of messages)
    add.run(session, turn, step, searchRoles.indexOf(role), at, text);
}
