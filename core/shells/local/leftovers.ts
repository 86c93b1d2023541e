import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A process that runs in a workspace, whoever started it: also what an earlier process of ours left behind. */
export interface Leftover {
  pid: number;
  /** The workspace's name. */
  workspace: string;
}

/**
 * What runs in the workspaces of this folder. Of a sandbox only bubblewrap itself is found, by the folder that it was told
 * to bind: it is the first process of its namespace, and all others end with it. Bare processes are known by their HOME.
 * Nothing is found on systems without /proc.
 */
export async function leftoversIn(workspaces: string): Promise<Leftover[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => workspaceOf(pid, `${workspaces}/`)));
  return found.flatMap((workspace, index) =>
    workspace === undefined ? [] : [{ pid: Number(pids[index]), workspace }],
  );
}

async function workspaceOf(pid: string, folder: string): Promise<string | undefined> {
  const read = (name: string) => readFile(join("/proc", pid, name), "utf8").catch(() => "");
  const words = (await read("cmdline")).split("\0");
  const bound = words[0] === "bwrap" ? words[words.indexOf("--bind") + 1] : undefined;
  const home =
    bound ??
    (await read("environ"))
      .split("\0")
      .find((entry) => entry.startsWith("HOME="))
      ?.slice(5);
  if (home === undefined || !home.startsWith(folder)) return undefined;
  return /^[A-Za-z0-9_-]+$/.exec(home.slice(folder.length))?.[0];
}

/** Kills them and waits until they are gone, as far as that can be waited for; returns whose they were. */
export async function endLeftovers(workspaces: string): Promise<string[]> {
  const ended = new Set<string>();
  for (let tries = 0; tries < maxTries; tries += 1) {
    const leftovers = await leftoversIn(workspaces);
    if (leftovers.length === 0) break;
    for (const { pid, workspace } of leftovers) {
      ended.add(workspace);
      kill(pid);
    }
    await new Promise((resolve) => setTimeout(resolve, betweenTriesMs));
  }
  return [...ended];
}

const maxTries = 100;
const betweenTriesMs = 20;

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // ESRCH: it has ended already.
  }
}
