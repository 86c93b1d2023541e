import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { listJobs } from "../shells/jobs/jobs.ts";
import { acquireLasting } from "../shells/lifetime.ts";
import type { ShellBackend } from "../shells/shell.ts";
import type { UsedWorkspace, Workspaces } from "../store/workspaces.ts";
import { ring, type RingPorts } from "./ring.ts";

export interface UpkeepPorts extends RingPorts {
  clock: Clock;
  log: Log;
  workspaces: Workspaces;
  backend(): Promise<ShellBackend>;
}

/** A workspace that nobody has used for this long is put to sleep (as in Hermes Agent). */
export const idleMs = 5 * 60_000;

/**
 * Puts idle workspaces to sleep. One with a job that runs stays awake and is looked at again later; a job that has ended
 * or was lost without ringing is rung for here, so that nobody waits for it in vain. Returns how many went to sleep.
 */
export async function putIdleToSleep(ports: UpkeepPorts): Promise<number> {
  const idle = await ports.workspaces.idleSince(ports.clock.now() - idleMs);
  if (idle.length === 0) return 0;
  const backend = await ports.backend();
  let asleep = 0;
  // One after the other: each may be a machine that has to write its snapshot.
  for (const used of idle) {
    try {
      if (await putToSleep(used, backend, ports)) asleep += 1;
    } catch (error) {
      ports.log.error("shell.not-asleep", { workspace: used.workspace, reason: messageOf(error) });
      await ports.workspaces.touch(used.workspace);
    }
  }
  return asleep;
}

async function putToSleep(used: UsedWorkspace, backend: ShellBackend, ports: UpkeepPorts): Promise<boolean> {
  if (await isBusy(used, backend, ports)) {
    await ports.workspaces.touch(used.workspace);
    return false;
  }
  const claim = await ports.workspaces.claim(used);
  if (claim === undefined) return false;
  await backend.hibernate?.(used.workspace);
  await ports.workspaces.rest(used.workspace, claim);
  ports.log.info("shell.asleep", { workspace: used.workspace });
  return true;
}

async function isBusy({ workspace }: UsedWorkspace, backend: ShellBackend, ports: UpkeepPorts): Promise<boolean> {
  const awake = await acquireLasting(backend, workspace, { clock: ports.clock, forMs: 0 });
  if (!awake.keepsProcesses) return false;
  const jobs = await listJobs(awake);
  for (const { id, status } of jobs)
    if (status !== "running") await ring({ job: id, event: "ended", number: 0 }, ports);
  return jobs.some(({ status }) => status === "running");
}
