import { spawn } from "node:child_process";
import { once } from "node:events";
import { runInSession } from "../../core/shells/session.ts";
import type { ShellBackend, Workspace } from "../../core/shells/shell.ts";
import { median } from "../statistics.ts";

const timeoutMs = 120_000;
const files = 200;
const fileBytes = 1_000_000;

export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Median over some repetitions, one after the other, after two that are not counted. */
async function medianOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  for (let index = -2; index < times; index += 1) {
    const ms = await timeOf(work);
    if (index >= 0) samples.push(ms);
  }
  return median(samples);
}

/** What there is without us: the same command in a bash of this process. */
export const spawnMs = (times: number): Promise<number> =>
  medianOf(times, async () => {
    const child = spawn("bash", ["--noprofile", "--norc", "-c", "true"], { stdio: "pipe" });
    await once(child, "close");
  });

export interface CommandTimes {
  /** A workspace that never was, until its first command has ended. */
  coldMs: number;
  /** Further ones in new workspaces of the same backend. */
  newMs: number;
  /** Acquiring it again while it is awake. */
  acquireMs: number;
  commandMs: number;
  /** With the environment and the folder of a session before and after. */
  sessionMs: number;
}

const run = async (workspace: Workspace, script: string): Promise<string> => {
  const { output, exitCode } = await workspace.run(script, { timeoutMs });
  if (exitCode !== 0) throw new Error(`The command ended with ${exitCode}: ${output.slice(0, 500)}`);
  return output;
};

export async function commandTimes(backend: ShellBackend, times: number): Promise<CommandTimes> {
  let workspaces = 0;
  const first = async () => run(await backend.acquire(`bench-${(workspaces += 1)}`), "true");
  const coldMs = await timeOf(first);
  const newMs = await medianOf(Math.min(times, 5), first);
  const workspace = await backend.acquire("bench-1");
  return {
    coldMs,
    newMs,
    acquireMs: await medianOf(times, () => backend.acquire("bench-1")),
    commandMs: await medianOf(times, () => run(workspace, "true")),
    sessionMs: await medianOf(times, () => runInSession(workspace, { session: "s", command: "true", timeoutMs })),
  };
}

export interface SleepTimes {
  hibernateMs: number;
  /** From acquire to the end of the first command. */
  restoreMs: number;
  /** Every file came back with its bytes. */
  isWhole: boolean;
}

/** 200 files of a megabyte that no compression makes smaller; `undefined` where a workspace is not put to sleep. */
export async function sleepTimes(backend: ShellBackend): Promise<SleepTimes | undefined> {
  if (backend.hibernate === undefined) return undefined;
  const fill = `mkdir -p data; for i in $(seq ${files}); do head -c ${fileBytes} /dev/urandom > data/$i; done`;
  const sum = "cat data/* | sha256sum";
  const workspace = await backend.acquire("sleeper");
  await run(workspace, fill);
  const before = await run(workspace, sum);
  const hibernateMs = await timeOf(async () => backend.hibernate?.("sleeper"));
  const restoreMs = await timeOf(async () => run(await backend.acquire("sleeper"), "true"));
  const after = await run(await backend.acquire("sleeper"), sum);
  return { hibernateMs, restoreMs, isWhole: before === after };
}
