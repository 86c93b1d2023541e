/**
 * A machine of a fake sandbox provider: real commands in bubblewrap, whose processes go on after the call that started
 * them, as in a container, and end when the machine is stopped.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface BoxOptions {
  /** Everything the machine remembers: `home` and `tmp` below it. */
  folder: string;
  /** Where home is seen from inside. */
  home: string;
  /** Without it there is only a loopback of its own. */
  network: boolean;
}

export interface Box {
  options: BoxOptions;
  start(command: readonly string[], workdir?: string): ChildProcessWithoutNullStreams;
  /** Ends every process; the files stay. */
  stop(): void;
}

/** What a box adds to the name of its machine, so that a process can be recognised by the file system it sees. */
const marker = "etc/hostname";

const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];

export async function makeBox(options: BoxOptions): Promise<Box> {
  await Promise.all(["home", "tmp"].map((name) => mkdir(join(options.folder, name), { recursive: true })));
  await writeFile(join(options.folder, "name"), options.folder);
  return {
    options,
    start: (command, workdir = options.home) =>
      spawn("bwrap", [...namespaces(options), "--chdir", workdir, "--", ...command], { stdio: "pipe" }),
    stop: () => processesOf(options.folder).forEach(kill),
  };
}

/** A new machine with the files of another one, as from a snapshot of it: pipes, links and owners included. */
export async function copyFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const copying = spawn("cp", ["-a", join(from, "home"), join(from, "tmp"), to], { stdio: "ignore" });
  const exitCode = await new Promise((resolve) => copying.once("exit", resolve));
  // 1: a file went away meanwhile.
  if (exitCode !== 0 && exitCode !== 1) throw new Error(`cp ended with ${String(exitCode)}`);
}

export async function removeBox(box: Box): Promise<void> {
  box.stop();
  await rm(box.options.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** Why boxes cannot work on this machine; absent where they do. */
export function missingForBoxes(): string | undefined {
  const probe = spawnSync("bwrap", ["--ro-bind", "/", "/", "--dev", "/dev", "--", "/bin/bash", "-c", "true"]);
  return probe.status === 0 ? undefined : "bubblewrap (bwrap) is not installed here or may not make namespaces";
}

/** No process namespace: the processes of one call can be ended by another, as in a container. */
const namespaces = ({ folder, home, network }: BoxOptions): string[] =>
  [
    ["--new-session", "--unshare-ipc", "--unshare-uts"],
    network ? [] : ["--unshare-net"],
    ...[...systemFolders, "/etc/alternatives"].map((path) => ["--ro-bind-try", path, path]),
    ["--ro-bind", join(folder, "name"), `/${marker}`],
    ["--bind", "/proc", "/proc"],
    ["--dev", "/dev"],
    ["--bind", join(folder, "home"), home],
    ["--bind", join(folder, "tmp"), "/tmp"],
    ["--clearenv", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin"],
    ["--setenv", "HOME", home],
  ].flat();

function processesOf(folder: string): number[] {
  return globSync("/proc/[0-9]*").flatMap((path) => {
    try {
      return readFileSync(join(path, "root", marker), "utf8") === folder ? [Number(path.slice("/proc/".length))] : [];
    } catch {
      // It has ended, or it is none of ours.
      return [];
    }
  });
}

function kill(processId: number): void {
  try {
    process.kill(processId, "SIGKILL");
  } catch {
    // It has ended.
  }
}
