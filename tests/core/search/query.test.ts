import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseQuery } from "../../../core/search/query.ts";
import { writeSegment } from "../../../core/search/schema.ts";
import { messageId } from "../../../core/search/search.ts";
import { openSegment, type Segment } from "../../../core/search/segment.ts";

const texts = {
  berlin: "We moved the server to Berlin in spring, not to Paris.",
  paris: "Paris is where the spring meeting takes place.",
  accents: "Škoda a příliš žluťoučký kůň",
  state: "A state-of-the-art setup, e-mail to ada@example.org",
  chinese: "我们下周去北京出差，然后去上海。",
  japanese: "東京タワーの近くのラーメン屋さん",
  thai: "พรุ่งนี้ฉันจะไปกรุงเทพเพื่อประชุม",
  khmer: "ខ្ញុំចង់ទៅភ្នំពេញ",
  hindi: "मुझे हिन्दी भाषा पसंद है",
  korean: "서울에서 만나요",
  wide: "ＦＵＬＬ　ｗｉｄｔｈ",
} as const;

let folder: string;
let segment: Segment;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "talaria-query-"));
  const place = { turn: 1, step: 0, role: "user" as const, at: 1 };
  const messages = Object.entries(texts).map(([session, text]) => {
    return { ...place, session, text, id: messageId({ ...place, session }) };
  });
  const sessions = Object.keys(texts).map((session) => ({ session, title: session, titleTurn: 1, startedAt: 1 }));
  writeSegment(join(folder, "one"), "owner", { parts: [], sessions, messages });
  segment = openSegment(join(folder, "one"), "owner");
});
afterAll(() => {
  segment.close();
  rmSync(folder, { recursive: true });
});

function found(words: string): string[] {
  const { match } = parseQuery(words);
  if (match === undefined) return [];
  return segment.find({ match, roles: ["user"], except: [], limit: 100 }).map(({ session }) => session);
}

describe("a query", () => {
  it.each([
    ["spring", ["berlin", "paris"]],
    ["spring berlin", ["berlin"]],
    ["spring AND berlin", ["berlin"]],
    ["BERLIN", ["berlin"]],
    ["meeting OR berlin", ["berlin", "paris"]],
    ["spring NOT berlin", ["paris"]],
    ["spring NOT berlin OR server", ["berlin", "paris"]],
    ['"spring meeting"', ["paris"]],
    ['"meeting spring"', []],
    ["“spring meeting”", ["paris"]],
    ["meet*", ["paris"]],
    ['"spring mee"*', ["paris"]],
    ["meet", []],
    ["skoda zlutoucky", ["accents"]],
    ["state-of-the-art", ["state"]],
    ["ada@example.org", ["state"]],
    ["full width", ["wide"]],
  ])("%s finds %j", (words, sessions) => {
    expect(found(words).sort()).toEqual(sessions);
  });

  it.each([
    ["北京", ["chinese"]],
    ["京", ["chinese", "japanese"]],
    ["去北京出差", ["chinese"]],
    ["北上", []],
    ["北京 上海", ["chinese"]],
    ["東京", ["japanese"]],
    ["ラーメン", ["japanese"]],
    ["กรุงเทพ", ["thai"]],
    ["ประชุม", ["thai"]],
    ["ភ្នំពេញ", ["khmer"]],
    ["हिन्दी", ["hindi"]],
    ["서울*", ["korean"]],
  ])("%s finds its part of a text without spaces: %j", (words, sessions) => {
    expect(found(words).sort()).toEqual(sessions);
  });

  it("takes an operator without its words for nothing, and one that only forbids for the words", () => {
    expect(found("OR")).toEqual([]);
    expect(found("spring OR")).toHaveLength(2);
    expect(found("AND berlin AND")).toEqual(["berlin"]);
    expect(found("NOT berlin")).toEqual(["berlin"]);
    expect(found("")).toEqual([]);
    expect(found('?!… "" * ( )')).toEqual([]);
  });

  const hostile = [
    '"',
    '"unclosed',
    'a" OR "b',
    '") OR words MATCH ("x',
    "'; DROP TABLE messages; --",
    "user:secret",
    "{tool} : berlin",
    "-tool : berlin",
    "NEAR(berlin spring, 5)",
    "NEAR(",
    "^berlin",
    "berlin + spring",
    "((((((berlin",
    "berlin)))))",
    "* berlin",
    "** *",
    "NOT NOT NOT",
    "a NOT",
    "OR OR OR",
    "\0berlin\0",
    "\ud800 berlin \udfff",
    "＂berlin＂ OR ＂",
    "%00 %' \\ \\\" ",
    "$1 ?1 :name @name",
    "x".repeat(100_000),
    "a ".repeat(5_000),
    "a OR ".repeat(5_000),
    '"'.repeat(5_000),
    "( ".repeat(5_000),
    "北".repeat(5_000),
    "a NOT b ".repeat(500),
  ];

  it.each(hostile.map((words) => [words.slice(0, 40), words]))("survives %j", (_, words) => {
    expect(() => found(words)).not.toThrow();
  });

  it("leaves the text of others alone, whatever columns it names", () => {
    expect(found("{tool} : berlin")).toEqual([]);
    expect(found("user : berlin")).toEqual([]);
    expect(found('") OR ("berlin')).toEqual([]);
  });

  it("is never a syntax error", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "AND",
        "OR",
        "NOT",
        "NEAR",
        '"',
        "*",
        "(",
        ")",
        "{",
        "}",
        ":",
        "^",
        "+",
        "-",
        "'",
        "\0",
        "berlin",
        "北京",
        "ก",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom("", " "), (pieces, between) => {
        expect(() => found(pieces.join(between))).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it("finds every word of a text that has it, whatever the script", () => {
    for (const [session, text] of Object.entries(texts))
      for (const word of text.split(/[\s，。,.]+/u).filter(Boolean))
        expect({ word, sessions: found(word) }).toEqual({ word, sessions: expect.arrayContaining([session]) });
  });
});

describe("a segment", () => {
  it("is not opened for another owner", () => {
    expect(() => openSegment(join(folder, "one"), "another")).toThrow("belongs to somebody else");
  });

  it("has no free pages, also when it is more than FTS5 indexes at once", () => {
    const textOf = (turn: number) =>
      Array.from({ length: 120 }, (_, at) => String.fromCodePoint(0x4e00 + ((turn * 7919 + at * at * 31) % 4000))).join(
        "",
      );
    const messages = Array.from({ length: 400 }, (_, turn) => {
      const place = { session: "ses_1", turn, step: 0, role: "user" as const };
      return { ...place, id: messageId(place), at: 1, text: textOf(turn) };
    });
    const sessions = [{ session: "ses_1", title: "", titleTurn: 0, startedAt: 1 }];
    writeSegment(join(folder, "long"), "owner", { parts: [], sessions, messages });
    using database = new DatabaseSync(join(folder, "long"), { readOnly: true });
    expect(database.prepare("PRAGMA freelist_count").get()).toEqual({ freelist_count: 0 });
  });
});
