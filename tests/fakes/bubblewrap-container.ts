/** A long-lived sandbox that commands are run in, as an engine runs them in a container: what the fakes of engines are built on. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

export interface SandboxFolders {
  /** Seen as /workspace. */
  workspace: string;
  /** Seen as /tmp. */
  temporary: string;
}

export interface Sandbox {
  /** A process in the sandbox; everything in it ends with `stop`. */
  exec(command: readonly string[]): ChildProcess;
  stop(): Promise<void>;
}

/** Why there can be no sandbox here; undefined when there can. */
export function sandboxMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "only root may enter a sandbox that bubblewrap made";
  const probe = spawnSync("bwrap", ["--unshare-pid", "--ro-bind", "/", "/", "true"]);
  if (probe.status !== 0) return "bubblewrap (bwrap) is not installed here or may not make namespaces";
  return spawnSync("nsenter", ["--version"]).status === 0 ? undefined : "nsenter (util-linux) is not installed here";
}

const namespaces = ["--unshare-pid", "--unshare-net", "--unshare-uts"];
const system = ["bin", "sbin", "lib", "lib32", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]);
const base = [...namespaces, "--ro-bind", "/usr", "/usr", ...system, "--proc", "/proc", "--dev", "/dev"];
const entry = ["--mount", "--pid", "--net", "--uts"];

/** For a script that makes a sandbox by itself: what bubblewrap and nsenter are told, mounts and process aside. */
export const sandboxArguments = base.join(" ");
export const sandboxEntry = entry.join(" ");

/** Its first process reaps what scripts leave behind, as the init of an engine does. */
export async function startSandbox({ workspace, temporary }: SandboxFolders): Promise<Sandbox> {
  const mounts = ["--bind", workspace, "/workspace", "--bind", temporary, "/tmp"];
  const wait = ["--die-with-parent", "--info-fd", "3", "--", "sh", "-c", "echo ready; exec sleep infinity"];
  const child = spawn("bwrap", [...base, ...mounts, ...wait], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
    env: { PATH: process.env["PATH"] ?? "" },
  });
  const failed = once(child, "exit").then(() => Promise.reject(new Error("The sandbox could not be started.")));
  failed.catch(() => {});
  // Its number is known before its mounts are made.
  const ready = [once(child.stdio[3] as Readable, "data"), once(child.stdio[1] as Readable, "data")];
  const [[line] = []] = await Promise.race([Promise.all(ready), failed]);
  const pid = /"child-pid":\s*(\d+)/.exec(String(line))?.[1] ?? "";
  return {
    exec: (command) =>
      spawn("nsenter", ["--target", pid, ...entry, "--", ...command], {
        // What an image would set: a script may see PATH of it.
        env: { PATH: "/usr/local/bin:/usr/bin:/bin", IMAGE_SAYS: "this is of the image" },
      }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      // The first process of the namespace: the kernel ends all others.
      process.kill(Number(pid), "SIGKILL");
      await ended;
    },
  };
}
