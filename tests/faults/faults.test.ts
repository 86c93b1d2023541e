import { expect, it } from "vitest";
import { injectFaults } from "./inject.ts";
import { injectLearningFaults } from "./learning.ts";
import { killAtRandom } from "./kill.ts";

const print = (line: string) => process.stdout.write(`${line}\n`);

it("loses and doubles nothing when a function dies around an outside call (every 6th; `npm run faults` has all)", async () => {
  const report = await injectFaults(6, print);
  print(`faults: ${report.injected} injected, ${report.lost} lost, ${report.doubled} doubled`);
  expect(report.broken).toEqual([]);
  expect(report).toMatchObject({ lost: 0, doubled: 0 });
  expect(report.injected).toBeGreaterThanOrEqual(8);
}, 180_000);

it("learns all and nothing twice when a review or the curator dies around an outside call (every 24th)", async () => {
  const report = await injectLearningFaults(24, print);
  expect(report.broken).toEqual([]);
  expect(report).toMatchObject({ lost: 0, doubled: 0 });
  expect(report.injected).toBeGreaterThanOrEqual(8);
}, 180_000);

it("loses and doubles nothing when the whole process is killed at random moments", async () => {
  const report = await killAtRandom(3, print);
  expect(report.broken).toEqual([]);
  expect(report).toMatchObject({ kills: 3, lost: 0, doubled: 0 });
}, 120_000);
