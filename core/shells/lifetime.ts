import type { Clock } from "../base/clock.ts";
import { listJobs } from "./jobs/jobs.ts";
import type { ShellBackend, Workspace } from "./shell.ts";

/** A machine that ends sooner than this is exchanged as soon as nothing runs on it, whatever is to be done. */
const soonMs = 20 * 60_000;

interface Lasting {
  clock: Clock;
  /** How long it is needed, in milliseconds. */
  forMs: number;
}

/** Whether the machine will be there for so long; of none is more asked than half of what the longest lives. */
export function lasts({ lifetime }: Workspace, { clock, forMs }: Lasting): boolean {
  if (lifetime === undefined) return true;
  const wantedMs = Math.min(Math.max(forMs, soonMs), lifetime.longestMs / 2);
  return lifetime.endsAt - clock.now() >= wantedMs;
}

/** A job that has no more time than this will hardly end by itself, and what it wrote could be lost with the machine. */
const lastCallMs = 10 * 60_000;

/** Wakes a workspace on a machine that lasts. The one that there is stays where a job would end with it, until its end is near. */
export async function acquireLasting(backend: ShellBackend, workspace: string, lasting: Lasting): Promise<Workspace> {
  const awake = await backend.acquire(workspace);
  if (!backend.renew || lasts(awake, lasting)) return awake;
  const endsAt = awake.lifetime?.endsAt ?? Infinity;
  if (endsAt - lasting.clock.now() > lastCallMs && (await runsJob(awake))) return awake;
  await backend.renew(workspace);
  return backend.acquire(workspace);
}

const runsJob = async (workspace: Workspace): Promise<boolean> =>
  (await listJobs(workspace)).some(({ status }) => status === "running");
