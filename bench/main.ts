/** `npm run bench -- turn|load|start|cold|shell|search|learn`: several run one after the other; a number after a name sets its size. */
import { spawnSync } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import type { Benchmark } from "./benchmark.ts";
import { cold } from "./cold.ts";
import { learn } from "./learn.ts";
import { load } from "./load.ts";
import { search } from "./search.ts";
import { shell } from "./shell.ts";
import { start } from "./start.ts";
import { turn } from "./turn.ts";

const benchmarks: Readonly<Record<string, Benchmark>> = { turn, load, start, cold, shell, search, learn };

const list = () =>
  [
    "npm run bench -- NAME [SIZE] …",
    ...Object.entries(benchmarks).map(([name, { about }]) => `  ${name.padEnd(6)} ${about}`),
  ].join("\n");

/** A benchmark's name and, where it was given, its size. */
type Job = [name: string, size?: string];

function readJobs(words: readonly string[]): Job[] {
  const jobs: Job[] = [];
  for (const word of words) {
    const last = jobs.at(-1);
    if (Object.hasOwn(benchmarks, word)) jobs.push([word]);
    else if (last?.length === 1 && /^[1-9]\d*$/.test(word)) last.push(word);
    else throw new Error(`There is no benchmark “${word}”.\n${list()}`);
  }
  return jobs;
}

/** Figures are worth little without this: other work on the machine is in every one of them. */
function machineLine(): string {
  const [lastMinute = 0] = loadavg();
  return `Node ${process.version}, ${availableParallelism()} cores, load of the last minute ${lastMinute.toFixed(1)}`;
}

/** In a process of its own: in-process functions find the first cloud of their process, and memory is measured. */
function runApart(job: Job): boolean {
  const command = [...process.execArgv, fileURLToPath(import.meta.url), ...job.map(String)];
  return spawnSync(process.execPath, command, { stdio: "inherit" }).status === 0;
}

async function runHere([name, size]: Job): Promise<boolean> {
  console.log(`\n${machineLine()}`);
  const isRight = await benchmarks[name]?.run(
    (text) => console.log(text),
    size === undefined ? undefined : Number(size),
  );
  return isRight === true;
}

async function main(): Promise<void> {
  const jobs = readJobs(process.argv.slice(2));
  const [first] = jobs;
  if (!first) return console.log(list());
  const results = jobs.length === 1 ? [await runHere(first)] : jobs.map(runApart);
  if (results.includes(false)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
