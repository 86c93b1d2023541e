import { readFileSync } from "node:fs";

/**
 * When a process started, in the kernel's clock ticks since boot, or `undefined` where the system has no /proc or the
 * process is gone. Source: proc_pid_stat(5), field 22; the name in field 2 may hold spaces, so we count after it.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Whether the process that had this number at that start still runs. */
export function isRunning(pid: number, startedAt: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, but belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const actualStart = processStart(pid);
  return startedAt === undefined || actualStart === undefined || actualStart === startedAt;
}
