import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pack } from "../../../core/base/json.ts";
import type { Book } from "../../../core/memory/book.ts";
import { type Note, textsOf, writtenNote } from "../../../core/memory/note.ts";
import { undoNotebook } from "../../../core/memory/undo.ts";
import { notebookKey } from "../../../core/store/keys.ts";
import { openLedger } from "../../../core/store/ledger.ts";
import { type NotebookOptions, openNotebook } from "../../../core/store/notebooks.ts";
import type { Table } from "../../../core/store/table.ts";
import { add, freshProfile, linesOf as linesIn, now, open as openBook } from "./notebook-bench.ts";
import { dyingTable, startTableBench, type TableBench } from "./table-bench.ts";

let bench: TableBench;
beforeAll(async () => {
  bench = await startTableBench();
});
afterAll(() => bench.close());

const open = (profile: string, options: Partial<NotebookOptions> = {}, table: Table = bench.table): Book =>
  openBook(table, profile, options);
const ledgerOf = (profile: string) => openLedger(bench.table, profile, now);
const linesOf = (profile: string) => linesIn(bench.table, profile);

describe("a notebook", () => {
  it("loses no entry when ten writers race, and has one line in the ledger for each", async () => {
    const profile = freshProfile();
    const wanted = Array.from({ length: 10 }, (_, n) => `entry ${n}`);
    await Promise.all(wanted.map((text) => add(open(profile), text)));
    const { entries, version } = await open(profile).read();
    expect(textsOf(entries).toSorted()).toEqual(wanted);
    expect(version).toBe(10);
    const lines = await linesOf(profile);
    expect(lines.map(({ reason }) => reason).toSorted()).toEqual(wanted.map((text) => `add ${text}`));
    expect(lines.map(({ action }) => action)).toEqual([...Array.from({ length: 9 }, () => "change"), "create"]);
  });

  it("keeps who wrote, when, and in which session", async () => {
    const profile = freshProfile();
    await add(open(profile, { actor: "review" }), "a");
    const [note] = (await open(profile).read()).entries;
    expect(note).toEqual({
      text: "a",
      createdAt: note?.createdAt,
      updatedAt: note?.createdAt,
      confirmedAt: note?.createdAt,
      session: "ses_1",
      actor: "review",
    });
    const [line] = await linesOf(profile);
    expect(line).toMatchObject({
      actor: "review",
      session: "ses_1",
      turn: 7,
      subject: { kind: "notebook", name: "memory" },
      before: null,
      after: [note],
    });
  });

  it("reads the first records, which were lists of texts, and takes a change of them back to the byte", async () => {
    const profile = freshProfile();
    await bench.table.put(notebookKey(profile, "memory"), { version: 3, body: pack(["old one", "old two"]) });
    const before = await open(profile).read();
    expect(before).toEqual({
      version: 3,
      entries: ["old one", "old two"].map((text) => ({
        text,
        createdAt: 0,
        updatedAt: 0,
        confirmedAt: 0,
        actor: "agent",
      })),
    });
    await add(open(profile), "new");
    const [line] = await linesOf(profile);
    expect(await undoNotebook(line!, open(profile), ledgerOf(profile))).toMatchObject({ ok: true });
    expect((await open(profile).read()).entries).toEqual(before.entries);
  });

  it("writes nothing when nothing changes", async () => {
    const profile = freshProfile();
    await add(open(profile), "a");
    const { entries, version } = await open(profile).read();
    expect(await open(profile).write(entries, version, { reason: "again" })).toEqual({ status: "written" });
    expect((await open(profile).read()).version).toBe(version);
    expect(await linesOf(profile)).toHaveLength(1);
  });

  it("is opened by its owner's name alone", () => {
    const refused = [
      { name: "user#ada" },
      { name: "user#ada", owner: "bob" },
      { name: "memory#ada", owner: "bob" },
      { name: "memory", owner: "ada" },
      { name: "user", owner: "user" },
      { name: "user" },
      { name: "other#ada", owner: "ada" },
    ];
    for (const options of refused) expect(() => open("p", options)).toThrow("another owner");
  });
});

describe("a crash while a notebook is written", () => {
  it("leaves it whole, and shows a line in the ledger for exactly what happened", async () => {
    for (const when of ["before", "after"] as const) {
      for (const at of [1, 2, 3, 4]) {
        const profile = freshProfile();
        await add(open(profile), "a");
        await add(open(profile), "b");
        const died = await add(open(profile, {}, dyingTable(bench.table, at, when)), "c").then(
          () => false,
          () => true,
        );
        expect(died, `write ${at}`).toBe(at <= 3);
        const texts = textsOf((await open(profile).read()).entries);
        expect(texts.slice(0, 2)).toEqual(["a", "b"]);
        await add(open(profile), "d");
        await add(open(profile), "e");
        const all = textsOf((await open(profile).read()).entries);
        const reasons = (await linesOf(profile)).map(({ reason }) => reason).toReversed();
        expect(reasons, `${when} write ${at}`).toEqual(all.map((text) => `add ${text}`));
      }
    }
  });

  it("does not take its own repeated write for somebody else's", async () => {
    const profile = freshProfile();
    await add(open(profile), "a");
    // The first put was done but its answer got lost: the client repeats it, and the condition fails.
    const repeating: Table = {
      ...bench.table,
      put: async (...given) => (await bench.table.put(...given)) && bench.table.put(...given),
    };
    const book = openNotebook(repeating, { profile, name: "memory", actor: "agent" }, ledgerOf(profile), now);
    const { entries, version } = await book.read();
    const written = await book.write([...entries, writtenNote("b", book.author, now())], version, { reason: "add b" });
    expect(written.status).toBe("written");
    expect(textsOf((await book.read()).entries)).toEqual(["a", "b"]);
    expect(await linesOf(profile)).toHaveLength(2);
  });
});

describe("undo", () => {
  it("restores every earlier state to the byte, whatever was done, one change at a time", async () => {
    const step = fc.record({
      kind: fc.constantFrom("add", "remove", "edit", "confirm"),
      at: fc.nat(5),
      text: fc.string({ minLength: 1, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const profile = freshProfile();
        const book = open(profile);
        const states: Note[][] = [[]];
        for (const { kind, at, text } of steps) {
          const { entries, version } = await book.read();
          const note = entries[at];
          const next =
            note === undefined || kind === "add"
              ? [...entries, writtenNote(text, book.author, now())]
              : kind === "remove"
                ? entries.toSpliced(at, 1)
                : kind === "edit"
                  ? entries.with(at, { ...note, text, updatedAt: now() })
                  : entries.with(at, { ...note, confirmedAt: now() });
          await book.write(next, version, { reason: kind });
          states.push(next);
        }
        const ledger = ledgerOf(profile);
        const lines = (await ledger.list({ owner: "ada", limit: 100 })).filter(({ action }) => action !== "undo");
        expect(lines).toHaveLength(steps.length);
        for (const line of lines) {
          states.pop();
          expect(await undoNotebook(line, book, ledger)).toMatchObject({ ok: true });
          expect((await book.read()).entries).toEqual(states.at(-1));
        }
      }),
      { numRuns: 15 },
    );
  });

  it("is refused when something changed since, and says what", async () => {
    const profile = freshProfile();
    const book = open(profile);
    await add(book, "a");
    const [first] = await linesOf(profile);
    await add(book, "b");
    const undone = await undoNotebook(first!, book, ledgerOf(profile));
    expect(undone).toMatchObject({ ok: false });
    expect(undone).toHaveProperty("problem", expect.stringContaining("new: “b”"));
    expect(textsOf((await book.read()).entries)).toEqual(["a", "b"]);
  });

  it("is refused the second time, and for another notebook", async () => {
    const profile = freshProfile();
    const book = open(profile);
    await add(book, "a");
    const [line] = await linesOf(profile);
    const other = open(profile, { name: "user#ada", owner: "ada" });
    expect(await undoNotebook(line!, other, ledgerOf(profile))).toMatchObject({ ok: false });
    expect(await undoNotebook(line!, book, ledgerOf(profile))).toMatchObject({ ok: true });
    const again = await ledgerOf(profile).find(line!.id);
    expect(await undoNotebook(again!, book, ledgerOf(profile))).toMatchObject({
      ok: false,
      problem: expect.stringContaining("before"),
    });
  });
});
