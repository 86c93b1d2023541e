import { afterAll, describe, expect, it } from "vitest";
import type { SkillFile } from "../../../core/skills/skill.ts";
import { readTree } from "../../../core/skills/tree.ts";
import { create, current, filesOf, reason, refusing, rewrite, startSkillBench } from "./skill-bench.ts";

const bench = await startSkillBench();
afterAll(() => bench.close());

describe("the guards", () => {
  it.each(["review", "curator"] as const)(
    "keep the %s from skills that it did not learn, and from pinned ones",
    async (actor) => {
      const { as } = bench.shared();
      await create(as("person"), "own");
      await create(as("deployment"), "shipped");
      await create(as("review"), "learnt");
      await as("person").mark("learnt", { isPinned: true }, { reason });
      const library = as(actor);
      expect(await rewrite(library, "own", "x")).toMatchObject(refusing(/adopt own/));
      expect(await rewrite(library, "shipped", "x")).toMatchObject(refusing(/bundled/));
      expect(await rewrite(library, "learnt", "x")).toMatchObject(refusing(/pinned/));
      for (const name of ["own", "shipped", "learnt"])
        expect(await library.mark(name, { state: "archived" }, { reason, absorbedInto: "own" })).toMatchObject({
          ok: false,
        });
      expect(await library.mark("learnt", { isPinned: false }, { reason })).toMatchObject(refusing(/Only a person/));
    },
  );

  it("send nobody from a new skill to one that they may not change", async () => {
    const { as } = bench.shared();
    const about = { description: "Review a diff for defects" };
    await create(as("deployment"), "code-review", about);
    const attempt = async (actor: "agent" | "review", name: string) =>
      as(actor).commit({ name, files: filesOf(name, about), version: 0, reason });
    for (const name of ["code-review", "reviewing-code"]) {
      expect(await attempt("review", name)).toMatchObject({
        ...refusing(/code-review.*"bundled".*cannot change it.*adopt code-review/),
        adoptable: "code-review",
      });
      // In a conversation a person watches: there the agent may patch it.
      expect(await attempt("agent", name)).toMatchObject(refusing(/code-review.*patch/i));
      expect(await attempt("agent", name)).not.toHaveProperty("adoptable");
    }
    await as("person").mark("code-review", { isPinned: true }, { reason });
    expect(await attempt("review", "reviewing-code")).toMatchObject(refusing(/pinned/));
    await as("person").mark("code-review", { isPinned: false, origin: "learnt" }, { reason });
    expect(await attempt("review", "reviewing-code")).toMatchObject(refusing(/Patch that one/));
  });

  it("let the review change exactly the files that it has looked at", async () => {
    const { as } = bench.shared();
    await create(as("review"), "tea", {}, [{ path: "references/a.md", content: "a" }]);
    const library = as("review");
    const record = await current(library, "tea");
    const next = (body: string, a: string) => filesOf("tea", { body }, [{ path: "references/a.md", content: a }]);
    const commit = (files: SkillFile[], version: number) => library.commit({ name: "tea", files, version, reason });
    await readTree(library, record);
    expect(await commit(next("new", "a"), 1)).toMatchObject(refusing(/Read SKILL.md/));
    await library.count("tea", "view");
    await library.readFile(record, "SKILL.md");
    await library.count("tea", "view");
    expect(await commit(next("new", "changed"), 1)).toMatchObject(refusing(/Read references\/a.md/));
    expect(await commit(next("new", "a"), 1)).toMatchObject({ ok: true });
    expect(await commit(next("newer", "a"), 2)).toMatchObject({ ok: true });
    expect(await commit(filesOf("tea", { body: "newer" }), 3)).toMatchObject(refusing(/references\/a.md/));
    await rewrite(as("person"), "tea", "by a person");
    expect(await commit(filesOf("tea", { body: "over it" }), 4)).toMatchObject(refusing(/Read SKILL.md/));
  });

  it("go on in another invocation that is handed the same readings", async () => {
    const { as } = bench.shared();
    await create(as("review"), "tea");
    const reads = new Set<string>();
    const first = as("review", { reads });
    await first.readFile(await current(first, "tea"), "SKILL.md");
    await first.count("tea", "view");
    expect(
      await rewrite(as("review", { reads: new Set(JSON.parse(JSON.stringify([...reads])) as string[]) }), "tea", "x"),
    ).toMatchObject({ ok: true });
  });

  it("want an existing skill that takes over when the review archives one", async () => {
    const { as } = bench.shared();
    await create(as("review"), "tea");
    await create(as("review"), "boiling-water");
    const library = as("review");
    expect(await library.mark("tea", { state: "archived" }, { reason })).toMatchObject(refusing(/absorbed_into/));
    for (const absorbedInto of ["none", "tea", "../x"])
      expect(await library.mark("tea", { state: "archived" }, { reason, absorbedInto })).toMatchObject(
        refusing(/absorbed_into/),
      );
    expect(await library.mark("tea", { state: "archived" }, { reason, absorbedInto: "boiling-water" })).toMatchObject({
      ok: true,
    });
    expect(await library.list()).toMatchObject([{ name: "boiling-water" }]);
    expect(await library.list({ archived: true })).toMatchObject([{ name: "tea" }]);
  });

  it("keep a person from archiving what is pinned, and from nothing else", async () => {
    const library = bench.open();
    await create(library, "tea");
    await library.mark("tea", { isPinned: true }, { reason });
    expect(await library.mark("tea", { state: "archived" }, { reason })).toMatchObject(refusing(/unpin/));
    expect(await rewrite(library, "tea", "changed")).toMatchObject({ ok: true });
  });

  it("keep a deployment from skills that were changed, archived, or are somebody else's", async () => {
    const { as } = bench.shared();
    const library = as("deployment");
    await create(library, "shipped");
    expect(await rewrite(library, "shipped", "next release")).toMatchObject({ ok: true });
    await rewrite(as("person"), "shipped", "my way");
    expect(await rewrite(library, "shipped", "third release")).toMatchObject(refusing(/changed since it was seeded/));
    await create(as("person"), "own");
    expect(await rewrite(library, "own", "x")).toMatchObject(refusing(/not a bundled one/));
    await create(library, "adopted");
    await as("person").mark("adopted", { origin: "learnt" }, { reason });
    expect(await rewrite(library, "adopted", "x")).toMatchObject(refusing(/not a bundled one/));
  });

  it("let the curator prune bundled skills only when told so", async () => {
    const { as } = bench.shared();
    await create(as("deployment"), "shipped");
    expect(await as("curator").mark("shipped", { state: "archived" }, { reason })).toMatchObject({ ok: false });
    expect(
      await as("curator", { mayPruneBundled: true }).mark("shipped", { state: "archived" }, { reason }),
    ).toMatchObject({ ok: true });
  });
});
