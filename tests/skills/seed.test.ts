import { afterAll, describe, expect, it } from "vitest";
import type { SkillRecord } from "../../core/skills/skill.ts";
import { type BundledSkill, bundledFrom, seed } from "../../core/skills/seed.ts";
import { filesOf, freshProfile, memoryLedger, startSkillBench } from "../core/skills/skill-bench.ts";
import { shipped } from "./shipped.ts";

const bench = await startSkillBench();
afterAll(() => bench.close());

const setUp = () => {
  const shared = { profile: freshProfile(), ledger: memoryLedger() };
  const person = bench.open({ ...shared, actor: "person" });
  const deployment = bench.open({ ...shared, actor: "deployment" });
  const recordOf = async (name: string): Promise<SkillRecord> => {
    const record = await person.find(name);
    if (!record) throw new Error(`no ${name}`);
    return record;
  };
  const edit = async (name: string, body: string) => {
    const { version } = await recordOf(name);
    return person.commit({ name, files: filesOf(name, { body }), version, reason: "a test" });
  };
  return { person, deployment, recordOf, edit };
};

const skill = (name: string, body = "First."): BundledSkill => ({ name, files: filesOf(name, { body }) });

describe("seeding", () => {
  it("brings all that is shipped into an empty library, and changes nothing the second time", async () => {
    const { person, deployment } = setUp();
    const names = shipped.map(({ name }) => name);
    const first = await seed(deployment, shipped);
    expect(first.seeded.sort()).toEqual(names);
    const records = await person.list();
    expect(records.map(({ name }) => name)).toEqual(names);
    expect(records.every(({ origin, state }) => origin === "bundled" && state === "active")).toBe(true);
    const lines = deployment.ledger.entries.length;
    const second = await seed(deployment, shipped);
    expect({ ...second, unchanged: second.unchanged.sort() }).toEqual({ seeded: [], kept: [], unchanged: names });
    expect(deployment.ledger.entries.length).toBe(lines);
  });

  it("brings a skill up to date that nobody changed", async () => {
    const { person, deployment, recordOf } = setUp();
    await seed(deployment, [skill("tea")]);
    expect(await seed(deployment, [skill("tea", "Second.")])).toEqual({ seeded: ["tea"], kept: [], unchanged: [] });
    const record = await recordOf("tea");
    expect(record.seededRevision).toBe(record.revision);
    expect(String(Buffer.from((await person.readFile(record, "SKILL.md"))!))).toContain("Second.");
  });

  it("never overwrites what was changed since, whatever is shipped later", async () => {
    const { deployment, recordOf, edit } = setUp();
    await seed(deployment, [skill("tea")]);
    expect(await edit("tea", "Mine.")).toMatchObject({ ok: true });
    const mine = await recordOf("tea");
    for (const body of ["First.", "Second."])
      expect(await seed(deployment, [skill("tea", body)])).toEqual({ seeded: [], kept: ["tea"], unchanged: [] });
    expect(await recordOf("tea")).toEqual(mine);
  });

  it("goes on to update a skill whose change was taken back", async () => {
    const { person, deployment, edit } = setUp();
    await seed(deployment, [skill("tea")]);
    await edit("tea", "Mine.");
    const change = person.ledger.entries.at(-1)!;
    expect(await person.undo(change.id)).toMatchObject({ ok: true });
    expect((await seed(deployment, [skill("tea", "Second.")])).seeded).toEqual(["tea"]);
  });

  it("never brings an archived skill back", async () => {
    const { person, deployment, recordOf } = setUp();
    await seed(deployment, [skill("tea")]);
    await person.mark("tea", { state: "archived" }, { reason: "a test" });
    expect(await seed(deployment, [skill("tea", "Second.")])).toEqual({ seeded: [], kept: ["tea"], unchanged: [] });
    expect((await recordOf("tea")).state).toBe("archived");
  });

  it("leaves a person's skill of the same name alone, and one that was adopted", async () => {
    const { person, deployment, recordOf } = setUp();
    await person.commit({ name: "tea", files: filesOf("tea"), version: 0, reason: "a test" });
    await seed(deployment, [skill("rice")]);
    await person.mark("rice", { origin: "learnt" }, { reason: "a test" });
    const next = [skill("tea", "Second."), skill("rice", "Second.")];
    expect((await seed(deployment, next)).kept.sort()).toEqual(["rice", "tea"]);
    expect((await recordOf("tea")).origin).toBe("person");
  });

  it("gives way to a person who writes a skill of the same name meanwhile", async () => {
    const { person, deployment } = setUp();
    const files = filesOf("tea", { body: "Mine." });
    const late = {
      ...deployment,
      list: async () => {
        const records = await deployment.list();
        await person.commit({ name: "tea", files, version: 0, reason: "a test" });
        return records;
      },
    };
    expect(await seed(late, [skill("tea")])).toEqual({ seeded: [], kept: ["tea"], unchanged: [] });
  });

  it("stops at a skill that is not valid, and says which", async () => {
    const { deployment } = setUp();
    const broken = { name: "tea", files: [{ path: "SKILL.md", content: "no front matter" }] };
    await expect(seed(deployment, [broken])).rejects.toThrow(/tea cannot be seeded: .*front matter/);
  });
});

describe("the folder of bundled skills", () => {
  it("is sorted into skills with the paths of their files", () => {
    const files = ["b/tea/SKILL.md", "b/tea/scripts/x.sh", "a/rice/SKILL.md", "README.md", "a/README.md"];
    const bundled = bundledFrom(files.map((path) => ({ path, content: path })));
    expect(bundled.map(({ name, files }) => [name, files.map(({ path }) => path)])).toEqual([
      ["rice", ["SKILL.md"]],
      ["tea", ["SKILL.md", "scripts/x.sh"]],
    ]);
  });

  it("may not hold two skills of one name, or one without SKILL.md", () => {
    const file = (path: string) => ({ path, content: "" });
    expect(() => bundledFrom([file("a/tea/SKILL.md"), file("b/tea/SKILL.md")])).toThrow(
      /Two bundled skills are named tea/,
    );
    expect(() => bundledFrom([file("a/tea/notes.md")])).toThrow(/tea has no SKILL.md/);
  });
});
