import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseQuery } from "../../../core/search/query.ts";
import { writeSegment } from "../../../core/search/schema.ts";
import { messageId, type SearchRole } from "../../../core/search/search.ts";
import { openSegment, type Segment } from "../../../core/search/segment.ts";
import type { SegmentBlobs } from "../../../core/search/store.ts";
import { indexText } from "../../../core/search/words.ts";
import { makeOld, oldFormats, type OldFormat } from "./old-segment.ts";
import { freshOwner, freshSession, startSearchBench, type SearchBench } from "./search-bench.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "talaria-trigrams-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
const freshPath = () => join(folder, String((count += 1)));

/** A segment of these texts; each is a session whose id is its place. */
function write(texts: readonly string[], parts: readonly string[] = [], role: SearchRole = "user"): string {
  const path = freshPath();
  const messages = texts.map((text, at) => {
    const place = { session: `${path}:${at}`, turn: 1, step: 0, role };
    return { ...place, id: messageId(place), text, at: 1 };
  });
  const sessions = messages.map(({ session }) => ({ session, title: "", titleTurn: 1, startedAt: 1 }));
  writeSegment(path, "owner", { parts, sessions, messages });
  return path;
}

function writeOld(texts: readonly string[], format: OldFormat): string {
  const path = write(texts);
  makeOld(path, format);
  return path;
}

function inSegment<T>(path: string, work: (segment: Segment) => T): T {
  const segment = openSegment(path, "owner");
  try {
    return work(segment);
  } finally {
    segment.close();
  }
}

/** For each query, places of the texts in which its words are. */
const findIn = (path: string, queries: readonly string[]): number[][] =>
  inSegment(path, (segment) => queries.map((words) => placesOf(segment, words)));

/** The texts in which the words are, best first. */
function rankedIn(path: string, words: string, roles: readonly SearchRole[] = ["user"]): string[] {
  const match = parseQuery(words).match!;
  return inSegment(path, (segment) => {
    const found = segment.find({ match, roles, except: [], limit: 10 });
    expect(segment.count(match, roles)).toBe(found.length);
    return found.map(({ text }) => text);
  });
}

function placesOf(segment: Segment, words: string): number[] {
  const { match } = parseQuery(words);
  if (match === undefined) return [];
  const found = segment.find({ match, roles: ["user"], except: [], limit: 1_000 });
  expect(segment.count(match, ["user"])).toBe(found.length);
  return found.map(({ session }) => Number(session.split(":").at(-1))).sort((a, b) => a - b);
}

const spaceless = ["北", "京", "去", "の", "カ", "ー", "ｶﾞ", "ก", "ำ", "์", "𠀋"];
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...spaceless) },
  { weight: 2, arbitrary: fc.constantFrom("a", "B", "é", "ａ", "1") },
  { weight: 1, arbitrary: fc.constantFrom(" ", "　", "，", "。", "་", "-") },
);
const pieces = fc.array(piece, { maxLength: 14 });
const joined = (written: readonly string[]): string => written.join("");

/** What is a word: each character of a script without spaces, and letters of the others as far as they go. */
const plainWordsOf = (written: string): string[] =>
  written
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("é", "e")
    .match(/[a-z0-9]+|[北京去のカガー𠀋]|[\u0e00-\u0e7f]/gu) ?? [];

function isIn(words: readonly string[], wanted: readonly string[]): boolean {
  return words.some((_, at) => wanted.every((word, offset) => words[at + offset] === word));
}

describe("a text without spaces", () => {
  it("is found by every part of it and by nothing else, in segments of every format", () => {
    const asked = fc.record({
      written: fc.array(pieces, { minLength: 1, maxLength: 8 }),
      others: fc.array(pieces, { maxLength: 4 }),
      cuts: fc.array(fc.tuple(fc.nat(), fc.nat(14), fc.integer({ min: 1, max: 14 })), { maxLength: 12 }),
    });
    fc.assert(
      fc.property(asked, ({ written, others, cuts }) => {
        const texts = written.map(joined);
        const parts = cuts.map(([which, from, length]) => written[which % written.length]!.slice(from, from + length));
        const wanted = [...others, ...parts].map(joined);
        const queries = wanted.map((words) => `"${words}"`);
        const expected = wanted.map((words) => {
          const each = plainWordsOf(words);
          return each.length === 0 ? [] : [...texts.keys()].filter((at) => isIn(plainWordsOf(texts[at]!), each));
        });
        const path = write(texts);
        expect(findIn(path, queries)).toEqual(expected);
        for (const format of oldFormats) {
          makeOld(path, format);
          expect(findIn(path, queries)).toEqual(expected);
        }
      }),
      { numRuns: 200 },
    );
  });

  // A sound mark alone is a word that ends a run.
  const loosePiece = fc.oneof({ weight: 9, arbitrary: piece }, { weight: 1, arbitrary: fc.constant("ﾞ") });
  const text = fc.array(loosePiece, { maxLength: 14 }).map(joined);

  it("is found by each of its characters alone, in segments of every format", () => {
    const frames = fc.constantFrom("#", '"#"', "#*", '"#"*', "。#，");
    const asked = fc.array(fc.tuple(fc.constantFrom(...spaceless), frames), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 12 }), asked, (texts, wanted) => {
        const queries = wanted.map(([character, frame]) => frame.replace("#", character));
        const expected = wanted.map(([character]) =>
          [...texts.keys()].filter((at) => texts[at]!.normalize("NFKC").includes(character.normalize("NFKC"))),
        );
        const path = write(texts);
        expect(findIn(path, queries)).toEqual(expected);
        for (const format of oldFormats) {
          makeOld(path, format);
          expect(findIn(path, queries)).toEqual(expected);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is found by any query as by single characters", () => {
    const word = fc.array(loosePiece, { minLength: 1, maxLength: 5 }).map(joined);
    const token = fc.oneof(
      { weight: 3, arbitrary: word },
      { weight: 1, arbitrary: word.map((words) => `${words}*`) },
      { weight: 1, arbitrary: word.map((words) => `"${words}"*`) },
      { weight: 2, arbitrary: fc.constantFrom("NOT", "OR", "AND") },
    );
    const query = fc.array(token, { minLength: 1, maxLength: 5 }).map((tokens) => tokens.join(" "));
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 12 }),
        fc.array(query, { maxLength: 12 }),
        (texts, queries) => {
          const path = write(texts);
          const found = findIn(path, queries);
          for (const format of oldFormats) {
            makeOld(path, format);
            expect(findIn(path, queries)).toEqual(found);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ["PythonでAPI", [0]],
    ["でAPI", [0]],
    ["PythonでA", []],
    ["PythonでA*", [0]],
    ["でAPIを叩く", [0]],
    ["叩く方*", [0]],
    ["叩く方法*", [0]],
    ["叩く方法論*", []],
    ["ラーメン NOT 方法を", [1]],
    ["ラーメン OR Pythonで", [0, 1]],
    ['"ラーメン屋 API"', []],
    ['"屋さん API"', [1]],
    ["横", [0]],
    ["を", [0]],
    ["横 API", [0]],
    ["横 OR 東", [0, 1]],
    ["API NOT 横", [1]],
    ["横*", [0]],
    ['"の横 で"', [0]],
    ['"Python で"', [0]],
    ['"東 京"', [1]],
    ['"東 API"', []],
    ['"API 東"', []],
  ])("%s finds %j beside other scripts", (query, places) => {
    const texts = ["PythonでAPIを叩く方法を、ラーメンの横で", "東京タワーのラーメン屋さん API"];
    expect(findIn(write(texts), [query])).toEqual([places]);
    for (const format of oldFormats) expect(findIn(writeOld(texts, format), [query])).toEqual([places]);
  });
});

describe("the words of a message", () => {
  it("are its text where scripts have spaces", () => {
    const plain = "Škoda, state-of-the-art; मुझे हिन्दी, 서울에서";
    expect(indexText(plain)).toBe(plain);
  });

  it("are as many as its characters, each at the place of one", () => {
    expect(
      indexText("在 API 里：去北京，上海。")
        .split(/[^\p{L}]+/u)
        .filter(Boolean),
    ).toEqual(["在", "API", "里去北", "去北京", "北京上", "京上海", "上海", "海"]);
  });
});

describe("a character alone", () => {
  it("is found first where it is more often, or more of the text", () => {
    const path = write(["草の上を馬が走る、日の光の中", "馬が走る", "羊", "馬の馬、馬は馬", "Node の馬"]);
    expect(rankedIn(path, "馬")).toEqual(["馬の馬、馬は馬", "Node の馬", "馬が走る", "草の上を馬が走る、日の光の中"]);
    expect(rankedIn(path, "Node 馬")).toEqual(["Node の馬"]);
    expect(rankedIn(path, "羊 OR node")).toEqual(["羊", "Node の馬"]);
  });

  it("is found in what those said who are asked for", () => {
    const path = write(["user 馬"], [write(["assistant 馬"], [write(["tool 馬"], [], "tool")], "assistant")]);
    expect(rankedIn(path, "馬", ["user"])).toEqual(["user 馬"]);
    expect(rankedIn(path, "馬", ["assistant", "tool"]).sort()).toEqual(["assistant 馬", "tool 馬"]);
    expect(rankedIn(path, "馬 NOT user", ["user", "tool"])).toEqual(["tool 馬"]);
  });
});

describe("a segment of an older format", () => {
  it.each(oldFormats)("is rebuilt when it is merged: %s", (format) => {
    const merged = write(["我们去上海"], [writeOld(["我们去北京"], format)]);
    expect(findIn(merged, ["去北京", "我们去", "北", "去"])).toEqual([[0], [0, 0], [0], [0, 0]]);
    using database = new DatabaseSync(merged, { readOnly: true });
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 2 });
  });

  it("is not opened when its format is one of the future", () => {
    const path = write(["北京"]);
    using database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 99");
    expect(() => openSegment(path, "owner")).toThrow("unknown format");
  });
});

describe.each(oldFormats)("an index whose older part was written by %s alone", (format) => {
  let bench: SearchBench;
  beforeAll(async () => {
    bench = await startSearchBench();
  });
  afterAll(() => bench.close());

  /** Puts segments as they were then. */
  const oldBlobs = (): SegmentBlobs => ({
    ...bench.blobs,
    async put(key, body) {
      const path = freshPath();
      writeFileSync(path, zstdDecompressSync(body));
      makeOld(path, format);
      await bench.blobs.put(key, zstdCompressSync(readFileSync(path)));
    },
  });

  it("is searched as one, and a merge takes both in", async () => {
    const owner = freshOwner();
    const say = async (user: string, options = {}) => {
      const session = freshSession(owner);
      await bench.say(session, 1, { user });
      await bench.machine(options).index(session.id, 1);
      return session.id;
    };
    const old = [await say("我们下周去北京出差", { blobs: oldBlobs() }), await say("去上海", { blobs: oldBlobs() })];
    const newer = await say("Python 里去北京出差");
    const isFound = async () => {
      const machine = bench.machine();
      expect((await machine.find(owner, "去北京出差")).sort()).toEqual([newer, old[0]!].sort());
      expect((await machine.find(owner, "去")).sort()).toEqual([...old, newer].sort());
      expect(await machine.find(owner, "去北京出差 NOT python里")).toEqual([old[0]]);
    };
    await isFound();
    await say("第四");
    await say("第五");
    await isFound();
  });
});
