import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Book } from "../../../core/memory/book.ts";
import { textsOf, writtenNote } from "../../../core/memory/note.ts";
import type { NotebookOptions } from "../../../core/store/notebooks.ts";
import { add, freshProfile, linesOf as linesIn, now, open as openBook } from "./notebook-bench.ts";
import { startTableBench, type TableBench } from "./table-bench.ts";

let bench: TableBench;
beforeAll(async () => {
  bench = await startTableBench();
});
afterAll(() => bench.close());

const open = (profile: string, options: Partial<NotebookOptions> = {}): Book => openBook(bench.table, profile, options);
const linesOf = (profile: string) => linesIn(bench.table, profile);

describe("writes that wait for approval", () => {
  const options = { needsApproval: true } as const;

  it("change nothing and leave no line until they are approved", async () => {
    const profile = freshProfile();
    const agent = open(profile, options);
    await add(agent, "a");
    await add(agent, "a");
    expect((await agent.read()).entries).toEqual([]);
    const [proposal, ...others] = await agent.pending();
    expect(others).toEqual([]);
    expect(await linesOf(profile)).toEqual([]);
    const person = open(profile, { ...options, actor: "person" });
    expect(await person.decide(proposal!.id, "approve")).toEqual({ ok: true });
    expect(textsOf((await person.read()).entries)).toEqual(["a"]);
    expect(await person.pending()).toEqual([]);
    expect((await linesOf(profile))[0]).toMatchObject({ actor: "agent", reason: "Approved: add a" });
    expect(await person.decide(proposal!.id, "approve")).toMatchObject({ ok: false });
  });

  it("are dropped when they are rejected, and a person's own never wait", async () => {
    const profile = freshProfile();
    const review = open(profile, { ...options, actor: "review" });
    await add(review, "a");
    const person = open(profile, { ...options, actor: "person" });
    await add(person, "mine");
    expect(textsOf((await person.read()).entries)).toEqual(["mine"]);
    expect(await person.decide((await person.pending())[0]!.id, "reject")).toEqual({ ok: true });
    expect(await person.pending()).toEqual([]);
    expect(textsOf((await person.read()).entries)).toEqual(["mine"]);
  });

  it("are not bent when the notebook has moved on", async () => {
    const profile = freshProfile();
    const person = open(profile, { ...options, actor: "person" });
    await add(person, "Likes tea");
    const agent = open(profile, options);
    const { entries, version } = await agent.read();
    const next = entries.map((note) => ({ ...note, text: "Likes coffee" }));
    expect(await agent.write(next, version, { reason: "replace" })).toEqual({ status: "staged" });
    const now1 = await person.read();
    await person.write([], now1.version, { reason: "forget" });
    const decided = await person.decide((await person.pending())[0]!.id, "approve");
    expect(decided).toMatchObject({ ok: false, problem: expect.stringContaining("“Likes tea” has been changed") });
    expect(await person.pending()).toHaveLength(1);
  });

  it("are refused when twenty wait, and a mere confirmation never waits", async () => {
    const profile = freshProfile();
    await add(open(profile, { actor: "person" }), "there");
    const agent = open(profile, options);
    for (let n = 0; n < 20; n += 1) await add(agent, `entry ${n}`);
    const { entries, version } = await agent.read();
    const more = [...entries, writtenNote("one more", agent.author, now())];
    expect(await agent.write(more, version, { reason: "add" })).toEqual({ status: "full" });
    const confirmed = entries.map((note) => ({ ...note, confirmedAt: now() }));
    expect(await agent.write(confirmed, version, { reason: "confirm" })).toMatchObject({ status: "written" });
  });
});
