import { newId } from "../../core/base/ids.ts";
import { startJob } from "../../core/shells/jobs/jobs.ts";
import type { ShellBackend } from "../../core/shells/shell.ts";
import { inMb, inMs, type Row } from "../table.ts";
import { timeOf } from "./measure.ts";

const bytes = 10_000_000_000;
const command = `yes | head -c ${bytes}`;
const timeoutMs = 600_000;
/** What is kept of a script's output, and chunks that are not collected yet; more would mean that we hold it. */
const mostGrowthBytes = 150_000_000;

export interface Flood {
  rows: Row[];
  /** No byte of the job's was miscounted, and memory stayed flat. */
  isRight: boolean;
}

/** Ten gigabytes of output: of a job, which is how the terminal tool runs commands, and of a bare script. */
export async function flood(name: string, backend: ShellBackend): Promise<Flood> {
  const workspace = await backend.acquire("flood");
  const id = newId("job");
  const job = { id, command, label: command, session: "flood", savesSession: true, timeoutMs };
  let counted = 0;
  const ofJob = await watched(async () => {
    counted = (await startJob(workspace, job, { waitMs: timeoutMs })).output.totalBytes;
  });
  const ofScript = await watched(() => workspace.run(command, { timeoutMs }));
  const rows = [row(`${name}: a job`, ofJob), row(`${name}: a script`, ofScript)];
  return { rows, isRight: counted === bytes && [ofJob, ofScript].every(({ grownBytes }) => isFlat(grownBytes)) };
}

interface Watched {
  ms: number;
  grownBytes: number;
}

const isFlat = (grownBytes: number) => grownBytes < mostGrowthBytes;

const row = (what: string, { ms, grownBytes }: Watched): Row => ({
  what,
  measured: inMs(ms),
  reach: `memory ${isFlat(grownBytes) ? "flat" : "NOT FLAT"}: ${inMb(grownBytes)} more at most`,
});

/** How long it takes, and by how much our memory is larger than before at its largest. */
async function watched(work: () => Promise<unknown>): Promise<Watched> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 100);
  try {
    const ms = await timeOf(work);
    return { ms, grownBytes: Math.max(most, process.memoryUsage.rss()) - before };
  } finally {
    clearInterval(timer);
  }
}
