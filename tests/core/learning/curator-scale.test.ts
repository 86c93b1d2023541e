import { afterAll, beforeAll, expect, it } from "vitest";
import { curate } from "../../../core/learning/curator/run.ts";
import { inBatches } from "../../../core/learning/curator/batches.ts";
import { type CuratorBench, startCuratorBench } from "./curator-bench.ts";

let bench: CuratorBench;
beforeAll(async () => {
  bench = await startCuratorBench();
});
afterAll(() => bench.close());

/** `TALARIA_CURATOR_SKILLS=5000` takes some minutes, nearly all of them for writing the skills. */
const count = Number(process.env["TALARIA_CURATOR_SKILLS"] || 400);
const verbs =
  "review write plan book compare collect translate summarise deploy test debug measure draw cook clean repair teach file sort search".split(
    " ",
  );
const things =
  "reports flights recipes invoices pull-requests tickets gardens maps songs contracts servers charts letters budgets photos bikes taxes plants games courses meetings forms queries dashboards novels".split(
    " ",
  );

/** As a library grows: many skills of a few kinds, some of them nearly the same. */
function skillAt(n: number) {
  const [verb, thing] = [verbs[n % verbs.length] ?? "", things[Math.floor(n / verbs.length) % things.length] ?? ""];
  const word = `w${(n * 7919) % 3_001}`;
  return {
    name: `${verb}-${thing}-${word}-${n}`,
    description: `How to ${verb} ${thing} about ${word} for team t${n % 97}`,
  };
}

it(`a run over ${count} skills asks no more than it may and keeps only what it needs in memory`, async () => {
  const curated = await bench.open({ settings: { maxQuestions: 25 } });
  await inBatches(
    Array.from({ length: count }, (_, n) => n),
    25,
    async (n) => {
      await curated.learn(skillAt(n).name, {
        ...skillAt(n),
        body: `# ${skillAt(n).name}\n\n${"Do this and that. ".repeat(200)}`,
      });
    },
  );
  const before = { heap: heapMb(), requests: bench.server.requests.length, at: performance.now() };
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, heapMb())), 50);
  const outcome = await curate(curated.ports, { isManual: true });
  clearInterval(watch);
  const seconds = ((performance.now() - before.at) / 1000).toFixed(1);
  console.log(`curator over ${count} skills: ${seconds} s, heap ${before.heap} MB before, ${peak} MB at most`);
  expect(outcome).toMatchObject({ status: "done" });
  expect(bench.server.requests.length - before.requests).toBeLessThanOrEqual(26);
}, 600_000);

const heapMb = (): number => Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
