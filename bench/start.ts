import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Benchmark } from "./benchmark.ts";
import { residentOf } from "./memory.ts";
import { startOutside, type RemoteOutside } from "./outside/wire.ts";
import { agentSettings } from "./settings.ts";
import { median } from "./statistics.ts";
import { formatTable, inMb, inMs, type Row } from "./table.ts";
import { ownTimeMs } from "./turn/probe.ts";

const defaultTurns = 500;
const starts = 5;
/** A turn has its last bookkeeping to do after its reply came; only then it is measured and stopped. */
const settleMs = 500;
/** The options of V8 that `npm start` has: a small heap that is swept often, at no cost that could be measured. */
const asInPackageJson = ["--max-semi-space-size=4", "--heap-growing-percent=20"];
const program = fileURLToPath(new URL("../local/main.ts", import.meta.url));

interface Running {
  child: ChildProcess;
  url: string;
  readyAfterMs: number;
}

interface Started {
  readyAfterMs: number;
  firstTurnMs: number;
  readyBytes: number;
  usedBytes: number;
}

export const start: Benchmark = {
  about: `time and memory of “npm start”, with an empty and a used data folder; SIZE is the turns in it, ${defaultTurns} unless given`,

  async run(print, size = defaultTurns) {
    const folder = mkdtempSync(join(tmpdir(), "talaria-bench-start-"));
    const outside = await startOutside();
    try {
      const settings = agentSettings(await outside.addresses());
      const empty: Started[] = [];
      for (let index = 0; index < starts; index += 1)
        empty.push(await startOnce({ ...settings, TALARIA_DATA: join(folder, String(index)) }, outside));
      print(formatTable(`start with an empty data folder, median of ${starts}`, rows(empty)));

      const usedSettings = { ...settings, TALARIA_DATA: join(folder, "used") };
      const afterBytes = await use(usedSettings, outside, size);
      const used: Started[] = [];
      for (let index = 0; index < starts; index += 1) used.push(await startOnce(usedSettings, outside));
      const after = { what: `resident memory after ${size} turns`, measured: inMb(afterBytes), reach: "under 200 MB" };
      print(formatTable(`start with ${size} finished turns, median of ${starts}`, [...rows(used), after]));
      return true;
    } finally {
      await outside.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function rows(runs: readonly Started[]): Row[] {
  const of = (figure: (run: Started) => number) => median(runs.map(figure));
  return [
    { what: "spawn to ready", measured: inMs(of((run) => run.readyAfterMs)), reach: "under 2 s" },
    { what: "own time of the first turn", measured: inMs(of((run) => run.firstTurnMs)) },
    { what: "resident memory when ready", measured: inMb(of((run) => run.readyBytes)), reach: "under 200 MB" },
    { what: "resident memory after one turn", measured: inMb(of((run) => run.usedBytes)), reach: "under 200 MB" },
  ];
}

/** Starts the program as `npm start` does and waits for the line that says it is ready. */
async function launch(settings: Record<string, string>): Promise<Running> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...asInPackageJson, program], {
    // In the data folder's neighbourhood, where no .env of the person's is.
    cwd: join(settings["TALARIA_DATA"] ?? "", ".."),
    env: { ...settings, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /is ready.*?(http:\/\/\S+)/.exec(line)?.[1];
    if (url) return { child, url, readyAfterMs: performance.now() - startedAt };
  }
  throw new Error("The process ended before it was ready.");
}

async function stop({ child }: Running): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

const resident = ({ child }: Running): number => residentOf(child.pid ?? 0) ?? Number.NaN;

let people = 0;

async function startOnce(settings: Record<string, string>, outside: RemoteOutside): Promise<Started> {
  const running = await launch(settings);
  try {
    const { url, readyAfterMs } = running;
    const readyBytes = resident(running);
    const trace = await outside.converse({ url, person: (people += 1), steps: 1, tool: "todo" });
    await sleep(settleMs);
    return { readyAfterMs, firstTurnMs: ownTimeMs(trace), readyBytes, usedBytes: resident(running) };
  } finally {
    await stop(running);
  }
}

/** Fills a data folder with turns of eight conversations; the answer is the memory in use afterwards. */
async function use(settings: Record<string, string>, outside: RemoteOutside, turns: number): Promise<number> {
  const running = await launch(settings);
  try {
    await outside.flood({ url: running.url, conversations: 8, turns, firstPerson: 10_000 });
    await sleep(settleMs);
    return resident(running);
  } finally {
    await stop(running);
  }
}
