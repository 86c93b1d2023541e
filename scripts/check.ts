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
];

interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
}

/** More files than this have not failed by chance. */
const mostUnsteadyFiles = 4;

function runStep(name: string, [program = "", ...args]: string[]): number {
  console.log(`\n── ${name}`);
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  return status ?? 1;
}

function runTests(name: string, files: string[]): { status: number; result: TestReport } {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const status = runStep(name, ["vitest", "run", ...reporters, ...files]);
  return { status, result: JSON.parse(readFileSync(report, "utf8")) as TestReport };
}

/**
 * Files that fail while others run beside them run again by themselves, since a busy machine can make a test fail that
 * waits for real processes. What failed is named either way: a test that is unsteady has a defect, or the code has.
 */
function test(): number {
  const { status, result } = runTests("tests", []);
  const failed = result.testResults.filter((file) => file.status === "failed");
  const again =
    status !== 0 && failed.length > 0 && failed.length <= mostUnsteadyFiles
      ? runTests("what failed, by itself", ["--no-file-parallelism", ...failed.map(({ name }) => name)]).status
      : status;
  console.log(`\n${result.numPassedTests} passed, ${result.numFailedTests} failed, ${result.numPendingTests} skipped`);
  for (const { fullName } of failed.flatMap(({ assertionResults }) => assertionResults.filter(isFailed)))
    console.log(`${again === 0 ? "unsteady (passed by itself)" : "failed"}: ${fullName}`);
  return again;
}

const isFailed = ({ status }: { status: string }) => status === "failed";

function run(): number {
  for (const [name, command] of steps) {
    const status = runStep(name, command);
    if (status !== 0) return explain(name, status);
  }
  const status = test();
  return status === 0 ? 0 : explain("tests", status);
}

function explain(name: string, status: number): number {
  console.error(`\ncheck: “${name}” failed.`);
  return status;
}

process.exitCode = run();
rmSync(folder, { recursive: true, force: true });
