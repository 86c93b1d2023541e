import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inBatches } from "../../../core/learning/curator/batches.ts";
import { curate } from "../../../core/learning/curator/run.ts";
import type { SkillRecord } from "../../../core/skills/skill.ts";
import type { Blobs } from "../../../core/store/bodies.ts";
import { openSkillRecords } from "../../../core/store/skill-records.ts";
import type { Table } from "../../../core/store/table.ts";
import { type CuratorBench, startCuratorBench } from "./curator-bench.ts";

let bench: CuratorBench;
beforeAll(async () => {
  bench = await startCuratorBench();
});
afterAll(() => bench.close());

const count = 5_000;
/** So many are much like others; of the rest there are records alone: whoever reads their texts finds nothing and fails. */
const alike = 120;
const maxQuestions = 25;
const writtenAtOnce = 25;

const verbs = "review write plan book compare collect translate test draw cook".split(" ");
const things = "reports flights recipes invoices tickets gardens".split(" ");
const numbers = (length: number) => Array.from({ length }, (_, n) => n);

/** Two of a kind differ in one word. */
function alikeAt(n: number) {
  const [verb, thing] = [verbs[n % verbs.length] ?? "", things[Math.floor(n / verbs.length) % things.length] ?? ""];
  return { name: `${verb}-${thing}-${n}`, description: `How to ${verb} ${thing} for team t${n}` };
}

/** Words of a wide vocabulary, each of them in some other skills, too. */
function apartAt(n: number) {
  const hash = createHash("sha256").update(String(n)).digest();
  const words = numbers(8).map((at) => `w${hash.readUInt16LE(2 * at) % 4_001}`);
  return { name: `n${n}`, description: words.join(" ") };
}

async function fill({ learn, profile }: Awaited<ReturnType<CuratorBench["open"]>>): Promise<void> {
  const body = "Do this and that. ".repeat(200);
  let record: SkillRecord | undefined;
  await inBatches(numbers(alike), writtenAtOnce, async (n) => {
    record = await learn(alikeAt(n).name, { ...alikeAt(n), body: `# ${alikeAt(n).name}\n\n${body}` });
  });
  const records = openSkillRecords(bench.skills.table, profile);
  await inBatches(numbers(count - alike), writtenAtOnce, async (n) => {
    if (record) await records.write({ ...record, ...apartAt(n) }, 0, { entry: "led_none" });
  });
}

/** The same table and files, with what is asked of them. */
function counted({ table, blobs }: { table: Table; blobs: Blobs }) {
  const seen = { lists: 0, others: 0, reads: 0, readsAtOnce: 0, writtenBytes: 0 };
  let reading = 0;
  const one = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
    return (...args: Args) => {
      seen.others += 1;
      return call(...args);
    };
  };
  const over: { table: Table; blobs: Blobs } = {
    table: {
      get: one(table.get),
      put: one(table.put),
      change: one(table.change),
      list(options) {
        seen.lists += 1;
        return table.list(options);
      },
    },
    blobs: {
      async get(key) {
        seen.reads += 1;
        seen.readsAtOnce = Math.max(seen.readsAtOnce, (reading += 1));
        return blobs.get(key).finally(() => (reading -= 1));
      },
      put(key, body) {
        seen.writtenBytes += body.length;
        return blobs.put(key, body);
      },
    },
  };
  return { over, seen };
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const liveBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};
const inMb = (bytes: number): number => Math.round(bytes / 1024 / 1024);

it(`a run over ${count} skills asks no more than it may, reads the texts of those alone that are alike, and keeps little`, async () => {
  const kept: number[] = [];
  const brain = () => {
    // In the midst of a question the survey, its texts and the library as it was listed are kept.
    if (questions() % 8 === 1) kept.push(liveBytes());
    return { text: '{"proposals":[],"flaws":[]}' };
  };
  const questions = () => bench.server.requests.length;
  const curated = await bench.open({ settings: { maxQuestions }, brain });
  await fill(curated);
  const { over, seen } = counted(bench.skills);
  const [live, start] = [liveBytes(), performance.now()];
  const outcome = await curate(curated.again(over), { isManual: true });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const most = Math.max(...kept) - live;
  console.log(
    `curator over ${count} skills: ${seconds} s, ${inMb(live)} MB of live objects before and ${inMb(most)} MB more at most,`,
    JSON.stringify(seen),
  );
  expect(outcome).toMatchObject({ status: "done" });
  expect(kept.length).toBeGreaterThan(2);
  expect(questions()).toBe(maxQuestions);
  // The library is listed by each stage that looks at all of it, and read item by item only where a question is about it.
  expect(seen.lists).toBeLessThanOrEqual(8);
  expect(seen.others).toBeLessThanOrEqual(10 * maxQuestions);
  // The list of files and SKILL.md of each that is alike, and once more what is asked about.
  expect(seen.reads).toBeLessThanOrEqual(2 * alike + 6 * maxQuestions);
  expect(seen.readsAtOnce).toBeLessThanOrEqual(16);
  expect(seen.writtenBytes).toBeLessThan(500 * count);
  expect(most).toBeLessThan(5_000 * count);
}, 120_000);
