import { newId } from "../../core/base/ids.ts";
import { startJob } from "../../core/shells/jobs/jobs.ts";
import type { ShellBackend } from "../../core/shells/shell.ts";
import { inMb, inMs, type Row } from "../table.ts";

const bytes = 10_000_000_000;
const command = `yes | head -c ${bytes}`;
const timeoutMs = 600_000;
/** What is kept of a script's output, and chunks that are not collected yet; more would mean that we hold it. */
const mostGrowthBytes = 150_000_000;

export interface Flood {
  rows: Row[];
  /** The job was ended for it, the script's bytes were all counted, and memory stayed flat. */
  isRight: boolean;
}

/** Ten gigabytes of output: of a job, which is how the terminal tool runs commands and which is ended for it, and of a bare script. */
export async function flood(name: string, backend: ShellBackend): Promise<Flood> {
  const workspace = await backend.acquire("flood");
  const id = newId("job");
  const job = { id, command, label: command, session: "flood", savesSession: true, timeoutMs };
  const ofJob = await watched(() => startJob(workspace, job, { waitMs: timeoutMs }));
  const ofScript = await watched(() => workspace.run(command, { timeoutMs }));
  const isCounted = Buffer.byteLength(ofScript.result.output) + ofScript.result.droppedBytes === bytes;
  const rows = [row(`${name}: a job, until it is ended`, ofJob), row(`${name}: a script`, ofScript)];
  return { rows, isRight: ofJob.result.flooded && isCounted && [ofJob, ofScript].every(isFlat) };
}

interface Watched<Result> {
  result: Result;
  ms: number;
  grownBytes: number;
}

const isFlat = ({ grownBytes }: Watched<unknown>) => grownBytes < mostGrowthBytes;

const row = (what: string, watched: Watched<unknown>): Row => ({
  what,
  measured: inMs(watched.ms),
  reach: `memory ${isFlat(watched) ? "flat" : "NOT FLAT"}: ${inMb(watched.grownBytes)} more at most`,
});

/** How long it takes, and by how much our memory is larger than before at its largest. */
async function watched<Result>(work: () => Promise<Result>): Promise<Watched<Result>> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 100);
  try {
    const start = performance.now();
    const result = await work();
    return { result, ms: performance.now() - start, grownBytes: Math.max(most, process.memoryUsage.rss()) - before };
  } finally {
    clearInterval(timer);
  }
}
