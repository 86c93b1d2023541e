import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface MemoryWatch {
  /** The most that was seen, in bytes. */
  peak(): number;
  stop(): void;
}

const everyMs = 50;

/** Looks at this process's resident memory again and again. */
export function watchMemory(): MemoryWatch {
  let peak = process.memoryUsage.rss();
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), everyMs);
  return { peak: () => peak, stop: () => clearInterval(timer) };
}

/** Live objects of this process in bytes, after a collection of garbage. */
export function liveHeap(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

/** Resident memory of another process in bytes (proc_pid_status(5), VmRSS); `undefined` where there is no /proc. */
export function residentOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
