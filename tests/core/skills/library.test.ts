import { afterAll, describe, expect, it } from "vitest";
import type { Ledger } from "../../../core/learning/ledger.ts";
import type { SkillStore } from "../../../core/skills/library.ts";
import { readTree } from "../../../core/skills/tree.ts";
import { openLedger } from "../../../core/store/ledger.ts";
import {
  create,
  current,
  filesOf,
  freshProfile,
  reason,
  recordOf,
  refusing,
  rewrite,
  skillText,
  startSkillBench,
  textAt,
} from "./skill-bench.ts";

const bench = await startSkillBench();
afterAll(() => bench.close());

describe("a commit", () => {
  it("makes a revision that can be read to the byte, and a line in the ledger", async () => {
    const library = bench.open({ session: "ses_1", turn: 3 });
    const bytes = Uint8Array.from({ length: 300 }, (_, n) => n % 256);
    const record = await create(library, "tea", {}, [{ path: "assets/leaf.bin", content: bytes }]);
    expect(record).toMatchObject({ name: "tea", version: 1, state: "active", origin: "person", category: "general" });
    expect(await textAt(library, record)).toBe(skillText("tea"));
    expect(await library.readFile(record, "assets/leaf.bin")).toEqual(bytes);
    expect(await library.readFile(record, "assets/none.bin")).toBeUndefined();
    expect(await library.readFile(record, "../../other")).toBeUndefined();
    expect(await library.readFile({ name: "tea", revision: "../x" }, "SKILL.md")).toBeUndefined();
    expect(library.ledger.entries).toMatchObject([
      { actor: "person", action: "create", before: null, session: "ses_1", turn: 3, reason },
    ]);
  });

  it("keeps earlier revisions readable", async () => {
    const library = bench.open();
    const first = await create(library, "tea", { body: "one" });
    const second = recordOf(await rewrite(library, "tea", "two"));
    expect(await textAt(library, first)).toContain("one");
    expect(await textAt(library, second)).toContain("two");
    expect(second).toMatchObject({ version: 2, patches: 1 });
  });

  it("with the same bytes changes nothing and writes no line", async () => {
    const library = bench.open();
    const first = await create(library, "tea", { body: "one" });
    expect(recordOf(await rewrite(library, "tea", "one"))).toEqual(first);
    expect(library.ledger.entries).toHaveLength(1);
  });

  it("loses against somebody who was quicker, and its line in the ledger can never be undone", async () => {
    const { as, ledger } = bench.shared();
    const quick = as("person");
    const { version } = await create(quick, "tea", { body: "one" });
    const by = (who: string) => ({ name: "tea", files: filesOf("tea", { body: who }), version, reason: who });
    const slow = as("agent", {
      ledger: {
        ...ledger,
        async append(entry) {
          const line = await ledger.append(entry);
          recordOf(await quick.commit(by("quick")));
          return line;
        },
      },
    });
    expect(await slow.commit(by("slow"))).toEqual({ ok: false, conflict: true });
    expect(await textAt(quick, await current(quick, "tea"))).toContain("quick");
    expect(await slow.commit(by("late"))).toEqual({ ok: false, conflict: true });
    const line = ledger.entries.find(({ reason }) => reason === "slow");
    expect(await quick.undo(String(line?.id))).toMatchObject(refusing(/taken back before/));
    expect(ledger.entries.map(({ reason }) => reason)).toEqual([reason, "slow", "quick"]);
  });

  it("is made by one of ten who create the same skill at once", async () => {
    const { as } = bench.shared();
    const files = (n: number) => filesOf("tea", { body: `by ${n}` });
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, n) => as("person").commit({ name: "tea", files: files(n), version: 0, reason })),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    const made = await current(as("person"), "tea");
    expect(await textAt(as("person"), made)).toBe(
      skillText("tea", { body: `by ${outcomes.findIndex(({ ok }) => ok)}` }),
    );
  });

  it("is refused for a name that is taken or archived, without touching it", async () => {
    const library = bench.open();
    await create(library, "tea");
    expect(await library.commit({ name: "tea", files: filesOf("tea"), version: 0, reason })).toMatchObject(
      refusing(/patch it/),
    );
    await library.mark("tea", { state: "archived" }, { reason });
    expect(await library.commit({ name: "tea", files: filesOf("tea"), version: 0, reason })).toMatchObject(
      refusing(/restore it/),
    );
    expect(await rewrite(library, "tea", "x")).toMatchObject(refusing(/archived/));
  });

  it("by the agent is refused when it repeats an existing skill, which is named", async () => {
    const { as } = bench.shared();
    await create(as("person"), "code-review", { description: "Review pull requests for bugs and style." });
    const again = {
      name: "reviewing-code",
      files: filesOf("reviewing-code", { description: "Reviewing a pull request for style and bugs" }),
      version: 0,
      reason,
    };
    expect(await as("agent").commit(again)).toMatchObject(refusing(/code-review/));
    expect(await as("review").commit(again)).toMatchObject(refusing(/code-review/));
    expect(await as("person").commit(again)).toMatchObject({ ok: true });
  });

  it("a crash at any write leaves the pointer valid and what was there before unharmed", async () => {
    const { as, profile, ledger } = bench.shared();
    const good = as("person");
    const before = await create(good, "tea", { body: "one" }, [{ path: "references/a.md", content: "a" }]);
    for (let at = 0; ; at += 1) {
      let left = at;
      const fail = () => {
        if (left-- === 0) throw new Error("the power is gone");
      };
      const library = bench.open({
        profile,
        blobs: { get: bench.blobs.get, put: async (key, body) => (fail(), bench.blobs.put(key, body)) },
        ledger: { ...ledger, append: async (entry) => (fail(), ledger.append(entry)) },
        table: { ...bench.table, change: async (key, change) => (fail(), bench.table.change(key, change)) },
      });
      const files = filesOf("tea", { body: "two" }, [{ path: "references/b.md", content: "b" }]);
      const outcome = await library.commit({ name: "tea", files, version: 1, reason }).catch(() => undefined);
      const record = await current(good, "tea");
      const tree = await readTree(good, record);
      if (outcome?.ok) {
        expect(tree.map(({ path }) => path)).toEqual(["SKILL.md", "references/b.md"]);
        expect(at).toBe(5);
        break;
      }
      expect(record).toEqual(before);
      expect(tree.map(({ path }) => path)).toEqual(["SKILL.md", "references/a.md"]);
    }
  });
});

describe("a skill on trial", () => {
  it("is what the agent and the review write, until another session uses it", async () => {
    const { as } = bench.shared();
    expect(await create(as("review"), "tea")).toMatchObject({ state: "trial", origin: "learnt" });
    expect(await create(as("agent"), "coffee")).toMatchObject({ state: "trial", origin: "person" });
    expect(await create(as("deployment"), "water")).toMatchObject({ state: "active", origin: "bundled" });
    await as("agent").count("tea", "use");
    await as("agent", { session: "ses_2" }).count("tea", "view");
    expect(await current(as("agent"), "tea")).toMatchObject({ state: "trial", uses: 1, views: 1 });
    await as("agent", { session: "ses_2" }).count("tea", "use");
    expect(await current(as("agent"), "tea")).toMatchObject({ state: "active", uses: 2 });
    recordOf(await rewrite(as("person"), "tea", "changed"));
    expect(await current(as("agent"), "tea")).toMatchObject({ state: "active", uses: 2 });
  });

  it("comes back on trial, and as proven when another session used it before", async () => {
    const { as } = bench.shared();
    const leaveAndReturn = async (name: string) => {
      recordOf(await as("person").mark(name, { state: "archived" }, { reason }));
      return recordOf(await as("person").mark(name, { state: "restored" }, { reason })).state;
    };
    await create(as("review"), "tea");
    await as("agent").count("tea", "use");
    expect(await leaveAndReturn("tea")).toBe("trial");
    await as("agent", { session: "ses_2" }).count("tea", "use");
    expect(await leaveAndReturn("tea")).toBe("active");
    expect(await current(as("agent"), "tea")).toMatchObject({ state: "active" });
  });
});

describe("the ledger of a skill", () => {
  it("leaves out what a crash kept from happening, and nothing else, whatever is changed since", async () => {
    const profile = freshProfile();
    const ledger = openLedger(bench.table, profile, Date.now);
    const dying: Ledger = {
      ...ledger,
      async append(entry) {
        await ledger.append(entry);
        throw new Error("died");
      },
    };
    const open = (over: Ledger = ledger) => bench.open({ profile, ledger: over });
    const told = async () => (await ledger.list({ owner: "" })).map(({ reason: why }) => why);
    const change = async (library: SkillStore, body: string) => {
      const version = (await library.find("tea"))?.version ?? 0;
      return library.commit({ name: "tea", files: filesOf("tea", { body }), version, reason: body });
    };
    await change(open(), "made");
    await expect(change(open(dying), "never came")).rejects.toThrow("died");
    expect(await told()).toEqual(["made"]);
    await change(open(), "better");
    await change(open(), "best");
    expect(await told()).toEqual(["best", "better", "made"]);
  });
});

describe("counting", () => {
  it("never gets in the way of a change, and knows up to which patch a skill was used again", async () => {
    const { as } = bench.shared();
    const library = as("person");
    await create(library, "tea");
    const changes = (async () => {
      for (let n = 0; n < 5; n += 1) recordOf(await rewrite(library, "tea", `body ${n}`));
    })();
    await Promise.all([changes, ...Array.from({ length: 20 }, () => as("agent").count("tea", "view"))]);
    expect(await current(library, "tea")).toMatchObject({ views: 20, patches: 5, reusedPatches: 0, version: 6 });
    await library.count("tea", "use");
    expect(await current(library, "tea")).toMatchObject({ uses: 1, reusedPatches: 5 });
    recordOf(await rewrite(library, "tea", "once more"));
    expect(await current(library, "tea")).toMatchObject({ patches: 6, reusedPatches: 5 });
  });

  it("fails no turn, makes no record, and takes no note of the review and the curator", async () => {
    const { as } = bench.shared();
    await as("agent").count("none", "use");
    await as("agent").count("../x", "use");
    expect(await as("agent").list()).toEqual([]);
    await create(as("person"), "tea");
    await as("review").count("tea", "view");
    await as("curator").count("tea", "use");
    expect(await current(as("person"), "tea")).toMatchObject({ views: 0, uses: 0 });
    const broken = as("agent", { table: { ...bench.table, change: () => Promise.reject(new Error("down")) } });
    await broken.count("tea", "use");
  });
});
