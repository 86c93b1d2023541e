import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshSession, startSearchBench, type Owner, type SearchBench } from "./search-bench.ts";

let bench: SearchBench;
beforeAll(async () => {
  bench = await startSearchBench();
});
afterAll(() => bench.close());

describe("isolation", () => {
  it("fifty owners with random texts: no query, id or list shows one the words of another", async () => {
    const words = ["amber", "birch", "cedar", "délicat", "北京", "กรุงเทพ", "echo", "42", "naïve", "foxtrot"];
    const kinds = (at: number): Owner => ({
      profile: at % 5 === 0 ? "other" : "main",
      // Names that look alike, and the same person in two profiles.
      owner: `telegram::${at - (at % 5 === 0 ? 0 : at % 2)}${at % 3 === 0 ? "%3A" : ""}${at % 7}`,
    });
    const owners = [
      ...new Map(Array.from({ length: 80 }, (_, at) => kinds(at)).map((one) => [JSON.stringify(one), one])).values(),
    ].slice(0, 50);
    expect(owners).toHaveLength(50);
    const machine = bench.machine();
    const saidBy = new Map<string, Owner>();
    const messages = new Map<Owner, string>();
    for (const [at, owner] of owners.entries()) {
      const [text = ""] = fc.sample(
        fc.array(fc.constantFrom(...words), { minLength: 2, maxLength: 12 }).map((all) => all.join(" ")),
        { seed: at, numRuns: 1 },
      );
      const session = freshSession(owner);
      saidBy.set(session.id, owner);
      messages.set(owner, `${session.id}#1#0#user`);
      await bench.say(session, 1, { user: `${text} mark${at}`, assistant: "amber birch cedar" });
      await machine.index(session.id, 1);
    }
    const query = fc.array(fc.constantFrom(...words, "OR", "NOT", "am*", '"birch cedar"', "*", '"'), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...owners), query, async (owner, parts) => {
        for (const id of await machine.find(owner, parts.join(" "), { limit: 50 })) expect(saidBy.get(id)).toBe(owner);
      }),
      { numRuns: 150 },
    );
    for (const [at, owner] of owners.entries()) {
      const search = machine.search(owner);
      const other = owners[(at + 1) % owners.length]!;
      const foreign = messages.get(other)!;
      expect(await machine.find(owner, `mark${at}`)).toHaveLength(1);
      expect(await machine.find(owner, `mark${(at + 1) % owners.length}`)).toEqual([]);
      expect((await search.recent(100)).map(({ session }) => saidBy.get(session))).toEqual([owner]);
      expect(await search.around(foreign, { window: 5, roles: ["user"] })).toBeUndefined();
      expect(await search.read(foreign.split("#")[0]!, { ends: 5, roles: ["user"] })).toBeUndefined();
    }
  }, 120_000);
});
