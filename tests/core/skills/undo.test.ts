import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { SkillStore } from "../../../core/skills/library.ts";
import { readTree } from "../../../core/skills/tree.ts";
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

describe("undo", () => {
  it("restores the exact bytes after any edits, in reverse order", async () => {
    const content = fc.oneof(fc.string({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }));
    const edit = fc.record({
      body: fc.string({ minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ""),
      paths: fc.dictionary(fc.constantFrom("references/a.md", "scripts/b.sh", "assets/c.bin"), content),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 2, maxLength: 5 }), async (edits) => {
        const library = bench.open();
        const trees: Uint8Array[][] = [];
        for (const { body, paths } of edits) {
          const version = (await library.find("tea"))?.version ?? 0;
          const files = filesOf(
            "tea",
            { body },
            Object.entries(paths).map(([path, content]) => ({ path, content })),
          );
          const count = library.ledger.entries.length;
          recordOf(await library.commit({ name: "tea", files, version, reason }));
          if (library.ledger.entries.length > count) trees.push(await bytesOf(library));
        }
        const changes = library.ledger.entries.filter(({ action }) => action === "change").toReversed();
        for (const [at, change] of changes.entries()) {
          recordOf(await library.undo(change.id));
          expect(await bytesOf(library)).toEqual(trees[trees.length - 2 - at]);
        }
      }),
      { numRuns: 12 },
    );
  });

  it("is refused when the skill was changed since, and works once the later change is taken back", async () => {
    const library = bench.open();
    await create(library, "tea", { body: "one" });
    await rewrite(library, "tea", "two");
    await rewrite(library, "tea", "three");
    const [made, second, third] = library.ledger.entries.map(({ id }) => id);
    expect(await library.undo(String(second))).toMatchObject(refusing(/changed since/));
    expect(await library.undo(String(made))).toMatchObject(refusing(/changed since/));
    await library.mark("tea", { isPinned: true }, { reason });
    recordOf(await library.undo(String(third)));
    expect(recordOf(await library.undo(String(second)))).toMatchObject({ isPinned: true });
    expect(await textAt(library, await current(library, "tea"))).toContain("one");
    expect(await library.undo(String(second))).toMatchObject(refusing(/taken back before/));
  });

  it("of a creation archives, of an archiving brings back, and of an undo does it again", async () => {
    const library = bench.open();
    await create(library, "tea");
    const last = () => String(library.ledger.entries.at(-1)?.id);
    recordOf(await library.undo(last()));
    expect(await current(library, "tea")).toMatchObject({ state: "archived" });
    recordOf(await library.undo(last()));
    expect(await current(library, "tea")).toMatchObject({ state: "active" });
    await library.mark("tea", { state: "archived" }, { reason });
    recordOf(await library.undo(last()));
    expect(await current(library, "tea")).toMatchObject({ state: "active" });
  });

  it("is not for the review and the curator, and knows its own kind of change alone", async () => {
    const { as, ledger } = bench.shared();
    await create(as("review"), "tea");
    expect(await as("review").undo(String(ledger.entries[0]?.id))).toMatchObject({ ok: false });
    expect(await as("person").undo("led_none")).toMatchObject(refusing(/no change/));
  });

  const bytesOf = async (library: SkillStore): Promise<Uint8Array[]> => {
    const files = await readTree(library, await current(library, "tea"));
    return files.flatMap(({ path, content }) => [Buffer.from(path), Buffer.from(content)]);
  };
});

describe("two writers", () => {
  it("never lose what one of them was told is saved", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 2 }), { minLength: 4, maxLength: 10 }), async (order) => {
        const { as } = bench.shared();
        const writers = [as("person"), as("agent"), as("person", { session: "ses_3" })];
        await create(as("person"), "tea", { body: "start" });
        const saved: string[] = [];
        const append = async (writer: SkillStore, word: string) => {
          const record = await current(writer, "tea");
          const text = String(await textAt(writer, record));
          const files = [{ path: "SKILL.md", content: `${text}${word}\n` }];
          const outcome = await writer.commit({ name: "tea", files, version: record.version, reason });
          if (outcome.ok) saved.push(word);
        };
        for (let at = 0; at < order.length; at += 2) {
          const pair = order.slice(at, at + 2);
          await Promise.all(pair.map((n, place) => append(writers[n] ?? as("person"), `word-${at}-${place}`)));
        }
        const text = String(await textAt(as("person"), await current(as("person"), "tea")));
        expect(saved.length).toBeGreaterThan(0);
        for (const word of saved) expect(text).toContain(word);
      }),
      { numRuns: 10 },
    );
  });
});

describe("a profile", () => {
  it("never sees a skill of another, whatever it is called", async () => {
    const profiles = ["a", "a/b", "a#SKILL", "a%2Fb", "b", "a/x"];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...profiles), fc.constantFrom("x", "b", "y", "x.y")), {
          minLength: 5,
          maxLength: 12,
        }),
        async (writes) => {
          const salt = freshProfile();
          const open = (profile: string) => bench.open({ profile: `${profile}${salt}` });
          const expected = new Map(profiles.map((profile) => [profile, new Map<string, string>()]));
          for (const [at, [profile, name]] of writes.entries()) {
            const library = open(profile);
            const version = (await library.find(name))?.version ?? 0;
            recordOf(
              await library.commit({ name, files: filesOf(name, { body: `${profile} ${at}` }), version, reason }),
            );
            expected.get(profile)?.set(name, `${profile} ${at}`);
          }
          for (const [profile, skills] of expected) {
            const library = open(profile);
            const records = await library.list();
            expect(records.map(({ name }) => name).sort()).toEqual([...skills.keys()].sort());
            for (const record of records)
              expect(await textAt(library, record)).toBe(
                skillText(record.name, { body: String(skills.get(record.name)) }),
              );
          }
        },
      ),
      { numRuns: 8 },
    );
  });
});
