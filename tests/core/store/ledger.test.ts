import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ledger, LedgerEntry } from "../../../core/learning/ledger.ts";
import { openLedger, settleLine } from "../../../core/store/ledger.ts";
import { startTableBench, type TableBench } from "./table-bench.ts";

let bench: TableBench;
beforeAll(async () => {
  bench = await startTableBench();
});
afterAll(() => bench.close());

let profiles = 0;
let time = 0;
/** With lines that have happened: whoever changes something says so of each. */
function fresh(): Ledger {
  const profile = `ledger-${(profiles += 1)}`;
  const ledger = openLedger(bench.table, profile, () => (time += 1));
  const append: Ledger["append"] = async (entry) => {
    const written = await ledger.append(entry);
    await settleLine(bench.table, profile, written.id);
    return written;
  };
  return { ...ledger, append };
}

const line = (reason: string, owner?: string): Omit<LedgerEntry, "id" | "at"> => ({
  actor: "agent",
  subject: { kind: "skill", name: "tea" },
  action: "change",
  before: null,
  after: { text: "é".repeat(10), list: [1, true, null] },
  reason,
  ...(owner !== undefined && { owner }),
});

const reasons = (entries: readonly LedgerEntry[]) => entries.map(({ reason }) => reason);

describe("the ledger", () => {
  it("gives every line back as it was written, newest first, page by page", async () => {
    const ledger = fresh();
    const written: LedgerEntry[] = [];
    for (let n = 0; n < 25; n += 1)
      written.push(await ledger.append(line(`change ${n}`, n % 2 === 0 ? "ada" : undefined)));
    const newest = written.toReversed();
    expect(await ledger.list({ owner: "ada" })).toEqual(newest.slice(0, 20));
    const paged: LedgerEntry[] = [];
    for (;;) {
      const last = paged.at(-1)?.id;
      const page = await ledger.list({ owner: "ada", limit: 7, ...(last !== undefined && { before: last }) });
      paged.push(...page);
      if (page.length < 7) break;
    }
    expect(paged).toEqual(newest);
    expect(await ledger.find(written[3]!.id)).toEqual(written[3]);
    expect(await ledger.find("led_nothing")).toBeUndefined();
    expect(await ledger.find("S#x")).toBeUndefined();
  });

  it("shows nobody another person's lines, in whatever profile", async () => {
    const [one, other] = [fresh(), fresh()];
    const owners = Array.from({ length: 50 }, (_, n) => `telegram:${n}`);
    await Promise.all(owners.map((owner) => one.append(line(`of ${owner}`, owner))));
    await one.append(line("of nobody alone"));
    for (const owner of owners) {
      expect(reasons(await one.list({ owner, limit: 100 }))).toEqual(["of nobody alone", `of ${owner}`]);
      expect(await other.list({ owner })).toEqual([]);
    }
  });

  it("marks a line undone once, and hides what came to nothing", async () => {
    const ledger = fresh();
    const first = await ledger.append(line("first"));
    const lost = await ledger.append(line("lost a race"));
    const marks = await Promise.all(["a", "b", "c"].map((by) => ledger.markUndone(first.id, by)));
    expect(marks.filter(Boolean)).toHaveLength(1);
    expect(await ledger.markUndone(lost.id, lost.id)).toBe(true);
    expect(await ledger.markUndone("led_nothing", "x")).toBe(false);
    const listed = await ledger.list({ owner: "ada" });
    expect(reasons(listed)).toEqual(["first"]);
    expect(["a", "b", "c"]).toContain(listed[0]?.undoneBy);
  });

  it("fills a page up although most lines came to nothing", async () => {
    const ledger = fresh();
    for (let n = 0; n < 12; n += 1) {
      const { id } = await ledger.append(line(`change ${n}`));
      if (n % 4 !== 0) await ledger.markUndone(id, id);
    }
    expect(reasons(await ledger.list({ owner: "ada", limit: 3 }))).toEqual(["change 8", "change 4", "change 0"]);
  });
});
