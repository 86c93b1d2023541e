/** Less memory for some process than this machine has, for what happens when there is no more. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface SmallMemory {
  /** Can be removed once its processes have ended. */
  remove(): void;
}

/** `undefined` where this machine's control groups are not ours to make (that needs root, and often more than a container has). */
export function limitMemoryOf(pid: number, megabytes: number): SmallMemory | undefined {
  const folder = join(parentGroup(), `talaria-test-${pid}`);
  const remove = () => rmdirSync(folder);
  try {
    mkdirSync(folder);
  } catch {
    return undefined;
  }
  try {
    const limit = ["memory.max", "memory.limit_in_bytes"].find((name) => existsSync(join(folder, name)));
    if (limit === undefined) throw new Error("The memory of groups is not counted here.");
    writeFileSync(join(folder, limit), String(megabytes * 1024 ** 2));
    writeFileSync(join(folder, "cgroup.procs"), String(pid));
    return { remove };
  } catch {
    remove();
    return undefined;
  }
}

/** Of the first version where the controller of memory is one of that, else of the second. */
function parentGroup(): string {
  const groups = readFileSync("/proc/self/cgroup", "utf8").split("\n");
  const first = groups.map((line) => /^\d+:memory:(.*)$/.exec(line)?.[1]).find((path) => path !== undefined);
  if (first !== undefined) return join("/sys/fs/cgroup/memory", first);
  return join("/sys/fs/cgroup", groups.find((line) => line.startsWith("0::"))?.slice(3) ?? "");
}
