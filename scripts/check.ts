/** The whole gate, one step after the other: the first that fails ends it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "talaria-check-"));
const report = join(folder, "tests.json");

const steps: [name: string, command: string[]][] = [
  ["generated files are fresh", ["node", "scripts/generate.ts", "--check"]],
  ["the lock file is complete", ["node", "scripts/complete-lock.ts", "--check"]],
  ["the environment example is fresh", ["node", "scripts/env-example.ts", "--check"]],
  ["format", ["oxfmt", "--check", "."]],
  ["lint", ["oxlint", "--type-aware", "--deny-warnings"]],
  ["import directions", ["node", "scripts/boundaries.ts"]],
  ["types", ["tsc", "-p", "."]],
  ["types of the web page", ["tsc", "-p", "web"]],
  ["dead code", ["knip"]],
  ["tests", ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]],
];

interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

function run(): number {
  for (const [name, [program = "", ...args]] of steps) {
    console.log(`\n── ${name}`);
    const { status } = spawnSync(program, args, { stdio: "inherit" });
    if (status !== 0) {
      console.error(`\ncheck: “${name}” failed.`);
      return status ?? 1;
    }
  }
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8")) as TestReport;
  console.log(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
  return 0;
}

process.exitCode = run();
rmSync(folder, { recursive: true, force: true });
