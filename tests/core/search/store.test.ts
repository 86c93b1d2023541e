import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recalledFence } from "../../../core/conversation/said.ts";
import { openMonths } from "../../../core/search/months.ts";
import { ownerHash } from "../../../core/search/schema.ts";
import { partsToMerge, type SegmentBlobs } from "../../../core/search/store.ts";
import type { Table } from "../../../core/store/table.ts";
import { freshOwner, freshSession, noon, startSearchBench, type Owner, type SearchBench } from "./search-bench.ts";

let bench: SearchBench;
beforeAll(async () => {
  bench = await startSearchBench();
});
afterAll(() => bench.close());

const monthsOf = ({ profile, owner }: Owner) => openMonths(bench.table, profile, ownerHash(profile, owner));
const objectsOf = ({ profile, owner }: Owner) =>
  [...bench.objects].filter((key) => key.startsWith(`search/${profile}/${ownerHash(profile, owner)}/`));
const keysOf = async (owner: Owner) =>
  (await monthsOf(owner).list()).flatMap(({ parts, replaced }) => [...parts.map(({ key }) => key), ...replaced]);

describe("indexTurn", () => {
  it("lets what was said be found, on every machine", async () => {
    const owner = freshOwner();
    const session = freshSession(owner);
    await bench.say(session, 1, { user: "Where is the ferry to Naxos?", assistant: "It leaves at seven." });
    await bench.machine().index(session.id, 1);
    const other = bench.machine();
    expect(await other.find(owner, "naxos ferry")).toEqual([session.id]);
    expect(await other.find(owner, "seven leaves")).toEqual([session.id]);
    expect(await other.find(owner, "aeroplane")).toEqual([]);
  });

  it("titles a session with what was said, not with what the model was sent for it", async () => {
    const owner = freshOwner();
    const session = freshSession(owner);
    const sent = "[The person called the skill tea. Follow what is said below.]\n\nmarzipan";
    const recalled = `a cup please\n\n${recalledFence.opening}\nTakes nougat.\n${recalledFence.closing}`;
    await bench.say(session, 1, { user: sent, said: "/tea for two", assistant: "Ready." });
    await bench.say(session, 2, { user: recalled, assistant: "Here." }, { user: "[A reminder]", said: "" });
    const machine = bench.machine();
    for (const turn of [1, 2]) await machine.index(session.id, turn);
    const text = await machine.search(owner).read(session.id, { ends: 10, roles: ["user"] });
    expect(text?.head.map(({ text }) => text)).toEqual(["/tea for two", "a cup please"]);
    expect(text?.summary.title).toBe("/tea for two");
    for (const unsaid of ["marzipan", "nougat", "reminder"]) expect(await machine.find(owner, unsaid)).toEqual([]);
  });

  it("is the same done twice", async () => {
    const owner = freshOwner();
    const session = freshSession(owner);
    await bench.say(session, 1, { user: "one lemon", assistant: "noted" });
    await bench.say(session, 2, { user: "two lemons", assistant: "noted" });
    const machine = bench.machine();
    for (const turn of [1, 1, 2, 1, 2]) await machine.index(session.id, turn);
    const text = await machine.search(owner).read(session.id, { ends: 10, roles: ["user", "assistant"] });
    expect(text?.head.map(({ text }) => text)).toEqual(["one lemon", "noted", "two lemons", "noted"]);
    expect(text?.summary).toMatchObject({ title: "one lemon", turns: 2 });
  });

  it("leaves out what is unknown or empty", async () => {
    const owner = freshOwner();
    await bench.machine().index("ses_unknown", 1);
    const session = freshSession(owner);
    await bench.say(session, 1, { user: "  ", assistant: "" });
    await bench.machine().index(session.id, 1);
    expect(await monthsOf(owner).list()).toEqual([]);
  });

  it("masks secrets, also in what tools returned", async () => {
    const owner = freshOwner();
    const session = freshSession(owner);
    const secret = `ghp_${"a1B2c3D4".repeat(5)}`.slice(0, 40);
    const results = [{ role: "tool" as const, callId: "1", name: "terminal", content: `token=${secret} tulip` }];
    await bench.say(session, 1, { user: `my token is ${secret}`, assistant: "tulip", results });
    const machine = bench.machine();
    await machine.index(session.id, 1);
    const text = await machine.search(owner).read(session.id, { ends: 10, roles: ["user", "assistant", "tool"] });
    expect(text?.head).toHaveLength(3);
    expect(JSON.stringify(text)).not.toContain(secret);
    expect(await machine.find(owner, secret, { roles: ["user", "assistant", "tool"] })).toEqual([]);
  });

  it("ends with every turn in when many index at once, and leaves no object behind", async () => {
    const owner = freshOwner();
    const turns = Array.from({ length: 8 }, (_, at) => at + 1);
    const session = freshSession(owner);
    for (const turn of turns) await bench.say(session, turn, { user: `pear number${turn}`, assistant: "yes" });
    // Two machines for each turn, as when a start is delivered twice.
    const machines = turns.flatMap((turn) => [bench.machine(), bench.machine()].map((machine) => ({ turn, machine })));
    await Promise.all(machines.map(({ turn, machine }) => machine.index(session.id, turn)));
    const text = await bench
      .machine()
      .search(owner)
      .read(session.id, { ends: 50, roles: ["user"] });
    expect(text?.head.map(({ text }) => text)).toEqual(turns.map((turn) => `pear number${turn}`));
    expect(objectsOf(owner).sort()).toEqual([...new Set(await keysOf(owner))].sort());
  });

  it("keeps a month in few segments, and an owner's months apart", async () => {
    const owner = freshOwner();
    const machine = bench.machine();
    const later = Date.UTC(2026, 11, 2);
    for (const [at, name] of [
      [noon, "plum"],
      [later, "quince"],
    ] as const)
      for (let n = 0; n < 8; n += 1) {
        const session = freshSession(owner);
        await bench.say(session, 1, { user: `${name} ${n}`, at });
        await machine.index(session.id, 1);
      }
    const months = await monthsOf(owner).list();
    expect(months.map(({ month, parts }) => [month, parts.length])).toEqual([
      ["2026-12", 4],
      ["2026-11", 4],
    ]);
    expect(await machine.find(owner, "plum", { limit: 20 })).toHaveLength(8);
    expect(await machine.find(owner, "plum OR quince", { limit: 20 })).toHaveLength(16);
  });

  it("keeps a session that spans months one session, by its first words", async () => {
    const owner = freshOwner();
    const machine = bench.machine();
    const session = freshSession(owner);
    await bench.say(session, 2, { user: "the second fig", at: Date.UTC(2026, 11, 2) });
    await machine.index(session.id, 2);
    await bench.say(session, 1, { user: "the first fig", at: noon });
    await machine.index(session.id, 1);
    const { hits } = await machine.search(owner).find({ words: "fig", roles: ["user"], limit: 3 });
    expect(hits.map(({ summary }) => summary)).toEqual([
      { session: session.id, title: "the first fig", startedAt: noon, lastAt: Date.UTC(2026, 11, 2), turns: 2 },
    ]);
  });
});

describe("partsToMerge", () => {
  const partsOf = (sizes: readonly number[]) => sizes.map((bytes, at) => ({ key: String(at), bytes }));

  it("takes small ones and those that what comes after has outgrown, from the end", () => {
    const keys = (...sizes: number[]) => partsToMerge(partsOf(sizes)).map(({ key }) => key);
    expect(keys(9_000_000, 1_000_000, 200_000, 200_000, 200_000, 200_000)).toEqual(["1", "2", "3", "4", "5"]);
    expect(keys(9_000_000, 2_000_000, 10, 10, 10, 10)).toEqual(["2", "3", "4", "5"]);
    expect(keys(9_000_000, 1_000_000)).toEqual([]);
    expect(partsToMerge([])).toEqual([]);
  });

  it("lets a few small ones stand, so that most turns write no more than themselves", () => {
    expect(partsToMerge(partsOf([10, 10, 10]))).toEqual([]);
    expect(partsToMerge(partsOf([10, 10, 10, 10]))).toHaveLength(4);
  });

  it("keeps segments few and rewrites each message a few times only, however many turns there are", () => {
    let sizes: number[] = [];
    let written = 0;
    const turns = 20_000;
    const turnBytes = 10_000;
    for (let turn = 0; turn < turns; turn += 1) {
      const merged = partsToMerge(partsOf(sizes));
      const bytes = merged.reduce((sum, part) => sum + part.bytes, turnBytes);
      sizes = [...sizes.slice(0, sizes.length - merged.length), bytes];
      written += bytes;
      expect(sizes.length).toBeLessThan(16);
    }
    expect(written / (turns * turnBytes)).toBeLessThan(20);
  });
});

describe("a crash while indexing", () => {
  /** Dies before or after its nth call to the outside. */
  function dyingAt(call: number, when: "before" | "after") {
    let calls = 0;
    const dies =
      <Given extends unknown[], Answer>(work: (...given: Given) => Promise<Answer>) =>
      async (...given: Given): Promise<Answer> => {
        const isLast = (calls += 1) >= call;
        if (isLast && when === "before") throw new Error("the machine is gone");
        const answer = await work(...given);
        if (isLast) throw new Error("the machine is gone");
        return answer;
      };
    const table: Table = { ...bench.table, get: dies(bench.table.get), put: dies(bench.table.put) };
    const { get, put, remove } = bench.blobs;
    const blobs: SegmentBlobs = { get: dies(get), put: dies(put), remove: dies(remove) };
    return { table, blobs };
  }

  it.each(["before", "after"] as const)(
    "leaves the pointer valid %s each call, and a repeat completes it",
    async (when) => {
      let survived = false;
      for (let call = 1; !survived; call += 1) {
        const owner = freshOwner();
        const session = freshSession(owner);
        for (const turn of [1, 2, 3]) await bench.say(session, turn, { user: `kiwi number${turn}` });
        for (const turn of [1, 2]) await bench.machine().index(session.id, turn);
        survived = await bench
          .machine(dyingAt(call, when))
          .index(session.id, 3)
          .then(
            () => true,
            () => false,
          );
        const before = await bench
          .machine()
          .search(owner)
          .read(session.id, { ends: 10, roles: ["user"] });
        expect(before?.head.map(({ text }) => text).slice(0, 2)).toEqual(["kiwi number1", "kiwi number2"]);
        await bench.machine().index(session.id, 3);
        const after = await bench
          .machine()
          .search(owner)
          .read(session.id, { ends: 10, roles: ["user"] });
        expect(after?.head.map(({ text }) => text)).toEqual([1, 2, 3].map((turn) => `kiwi number${turn}`));
        expect(objectsOf(owner).sort()).toEqual([...new Set(await keysOf(owner))].sort());
        expect(call).toBeLessThan(20);
      }
    },
  );
});

describe("a reader", () => {
  it("reads on when the segments it knows of are replaced and removed meanwhile", async () => {
    const owner = freshOwner();
    const session = freshSession(owner);
    const machine = bench.machine();
    await bench.say(session, 1, { user: "apricot 1" });
    await machine.index(session.id, 1);
    let turn = 1;
    // Before the reader's first fetch, others replace all that its pointers name, twice.
    const blobs: SegmentBlobs = {
      ...bench.blobs,
      async get(key) {
        while (turn < 4) {
          turn += 1;
          await bench.say(session, turn, { user: `apricot ${turn}` });
          await machine.index(session.id, turn);
        }
        return bench.blobs.get(key);
      },
    };
    expect(await bench.machine({ blobs }).find(owner, "apricot 4")).toEqual([session.id]);
  });

  it("holds no more on its disk than it may, and finds all the same", async () => {
    const owner = freshOwner();
    const machine = bench.machine();
    for (let month = 0; month < 6; month += 1) {
      const session = freshSession(owner);
      await bench.say(session, 1, { user: `cherry number${month}`, at: Date.UTC(2026, month, 2) });
      await machine.index(session.id, 1);
    }
    const small = bench.machine({ maxBytes: 1 });
    const found = await Promise.all([0, 1, 2, 3, 4, 5].map((month) => small.find(owner, `cherry number${month}`)));
    expect(new Set(found.flat()).size).toBe(6);
  });
});
