import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeEgress, type Egress, summaryOfEgress } from "../egress.ts";
import type { Workspace } from "../shell.ts";
import { openEgressProxy } from "./egress-proxy.ts";
import type { Resolve } from "./egress-rule.ts";
import { askForwarder, forwarderMounts, proxyEnvironment, startForwarder } from "./forwarder.ts";
import { handOver, type Owner, ownerOf } from "./ownership.ts";
import { bashArguments, runBash } from "./process.ts";
import { insideHome, type LocalRunner, scriptEnvironment, type SideFolder, sideFolderOf } from "./runner.ts";

interface SandboxOptions {
  /** An open one is this machine's network, its loopback services included. */
  egress: Egress;
  /** The folder of the proxies that keep a list. */
  network: string;
  /** Whether /dev/shm is in memory; else it is the workspace's /tmp. */
  hasSharedMemory: boolean;
}

/** The parts of the system that every program needs, read-only; one that a distribution lacks is left out. */
const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];
const systemFiles = ["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "mime.types"].concat([
  "ssl/certs",
  "ssl/openssl.cnf",
  "ca-certificates",
  "pki/tls/certs",
]);
const networkFiles = ["resolv.conf", "hosts", "nsswitch.conf", "services"];

/**
 * Per process: no core dumps, 4 GiB of private memory and of file size, 4,096 open files. 512 processes: per workspace
 * where we are root, else per script. Address space is not limited: Node reserves more than 8 GiB of it for each memory of
 * WebAssembly, so that a limit above what programs need would be above what machines have. What remains without a limit is
 * the sum over all processes and memory shared by other means than /dev/shm, so the kernel must know whom to end first
 * (process.ts).
 */
const limits = "ulimit -c 0; ulimit -n 4096; ulimit -f 4194304; ulimit -d 4194304; ulimit -u 512";

const description = (egress: Egress): string =>
  `A private Linux sandbox with bash and this machine's programs. ${insideHome} is your home and the only place that lasts (with /tmp); ` +
  `the system is read-only. ${describeEgress(egress)}` +
  (egress.kind === "listed"
    ? " Programs reach it by the HTTP proxy in http_proxy and https_proxy, which answers 403 to all else."
    : "");

/** Of each script, in bytes. What lies there outlives the process that wrote it, so it is less than a process may have. */
const sharedMemoryBytes = 256 * 1024 ** 2;

/** Beside the workspaces; no workspace can have the name. */
const networkFolder = ".network";

/** Where the sandbox sees its spool. */
const insideSpool = "/run/talaria/spool";

/** Bubblewrap, where it really works on this machine (installed, and the kernel lets us make namespaces). */
export async function bubblewrapRunner(
  egress: Egress,
  workspaces: string,
  resolve?: Resolve,
): Promise<LocalRunner | undefined> {
  const network = join(workspaces, networkFolder);
  // Where that fails there is no Linux, and so no bubblewrap: what needs the proxy will not work below.
  const proxy =
    egress.kind === "listed" ? await openEgressProxy(egress, network, resolve).catch(() => undefined) : undefined;
  // Older ones (Ubuntu 22.04 has 0.6.1) and those that are setuid cannot give a file system in memory a size.
  for (const hasSharedMemory of [true, false]) {
    const runner: LocalRunner = {
      name: "bubblewrap",
      summary: `sandbox (bubblewrap), ${egress.kind === "open" ? "with this machine's network" : summaryOfEgress(egress)}`,
      description: description(egress),
      open: (folder) => open(folder, { egress, network, hasSharedMemory }),
      ...(proxy && { close: () => proxy.close() }),
    };
    if (await works(runner, workspaces, egress.kind === "listed" ? askForwarder : "echo 403")) return runner;
  }
  await proxy?.close();
  return undefined;
}

/** Whether this machine can do it: bubblewrap is there, the kernel lets it, and what a list needs runs inside. */
async function works(runner: LocalRunner, workspaces: string, script: string): Promise<boolean> {
  const probe = await mkdtemp(join(workspaces, ".probe-"));
  try {
    const { output } = await (await runner.open(probe)).run(script, { timeoutMs: 5_000 });
    return output === "403\n";
  } catch {
    // Whatever the reason: the caller has something else.
    return false;
  } finally {
    await rm(probe, { recursive: true, force: true });
    await rm(sideFolderOf(probe).path, { recursive: true, force: true });
  }
}

async function open(folder: string, options: SandboxOptions): Promise<Workspace> {
  const isRoot = process.getuid?.() === 0;
  const owner: Owner = isRoot ? ownerOf(folder) : { uid: 1000, gid: 1000 };
  const side = sideFolderOf(folder);
  const folders = [folder, side.temporary, side.spool];
  for (const path of folders) await mkdir(path, { recursive: true });
  if (isRoot) await Promise.all(folders.map((path) => handOver(path, owner)));
  await writeUsers(side, owner);
  const isListed = options.egress.kind === "listed";
  const env = { ...scriptEnvironment(insideHome), ...(isListed ? proxyEnvironment : {}) };
  const command = (life: readonly string[]) => [
    "bwrap",
    ...(isRoot ? keptCapabilities : userNamespace(owner)),
    ...namespaces(options),
    ...life,
    ...mounts(folder, side, options),
    ...environment(env),
    "--chdir",
    "/",
    "--",
    ...(isRoot ? becomeUser(owner) : []),
    // Bash enters the workspace: root without its capabilities may not enter another user's folder.
    ...bashArguments(`cd ${insideHome}; ${limits}${isListed ? `; ${startForwarder}` : ""}`),
  ];
  const bash = {
    command: command(endsWithScript),
    outliving: command(outlivesScript),
    cwd: folder,
    env: { PATH: env["PATH"] ?? "" },
    uid: isRoot ? owner.uid : undefined,
  };
  return {
    keepsProcesses: true,
    isIsolated: isIsolated(options.egress),
    spool: insideSpool,
    run: (script, run) => runBash(bash, script, run),
  };
}

/** A list of names leads to the public internet only. */
const isIsolated = (egress: Egress) =>
  egress.kind === "closed" || (egress.kind === "listed" && egress.ranges.length === 0);

/** Killing bwrap kills the first process of its namespace, and the kernel then kills all others. */
const endsWithScript = ["--die-with-parent"];
/** That first process stays until the last of the others has ended; we are told its id, for a time-out. */
const outlivesScript = ["--info-fd", "4"];

const keptCapabilities = ["--cap-drop", "ALL"].concat(
  ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"].flatMap((name) => ["--cap-add", name]),
);

/** Bubblewrap sets no_new_privs, and this gives up root with all its capabilities: nothing can come back. */
const becomeUser = ({ uid, gid }: Owner) =>
  ["setpriv", `--reuid=${uid}`, `--regid=${gid}`].concat([
    "--clear-groups",
    "--inh-caps=-all",
    "--bounding-set=-all",
    "--",
  ]);

const environment = (env: Record<string, string>) => [
  "--clearenv",
  ...Object.entries(env).flatMap(([name, value]) => ["--setenv", name, value]),
];

const userNamespace = ({ uid, gid }: Owner) => ["--unshare-user", "--uid", String(uid), "--gid", String(gid)];

const namespaces = ({ egress }: SandboxOptions) =>
  ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "workspace"].concat(
    egress.kind === "open" ? [] : ["--unshare-net"],
    ["--new-session"],
  );

/**
 * The workspace, its /tmp and its spool can be written, which are on the disk that is guarded, and a bounded /dev/shm.
 * Nothing else, whoever owns it: what is mounted in memory without a size could take half of this machine's. In /proc a
 * script could take back that it is ended first, and map users of a namespace of its own, to mount what it likes.
 */
const mounts = (folder: string, side: SideFolder, { egress, network, hasSharedMemory }: SandboxOptions) =>
  [
    // Made beforehand, because bubblewrap would make the parents of a mount readable by root alone.
    ...["/etc", "/etc/ssl", "/etc/pki", "/etc/pki/tls", "/run", "/run/talaria"].map((path) => [
      "--perms",
      "0755",
      "--dir",
      path,
    ]),
    ...systemFolders.map((path) => ["--ro-bind-try", path, path]),
    ...[...systemFiles, ...(egress.kind === "open" ? networkFiles : [])].map((name) => [
      "--ro-bind-try",
      `/etc/${name}`,
      `/etc/${name}`,
    ]),
    ["--ro-bind", side.passwd, "/etc/passwd"],
    ["--ro-bind", side.group, "/etc/group"],
    ["--proc", "/proc"],
    ["--dev", "/dev"],
    ["--bind", folder, insideHome],
    ["--bind", side.temporary, "/tmp"],
    ["--bind", side.spool, insideSpool],
    hasSharedMemory ? sharedMemory : ["--bind", side.temporary, "/dev/shm"],
    ...(egress.kind === "listed" ? forwarderMounts(network) : []),
    ...["/proc", "/dev", "/"].map((path) => ["--remount-ro", path]),
  ].flat();

const sharedMemory = ["--size", String(sharedMemoryBytes), "--perms", "1777", "--tmpfs", "/dev/shm"];

/** The sandbox knows its one user by name and none of this machine's. */
async function writeUsers(side: SideFolder, { uid, gid }: Owner): Promise<void> {
  await writeFile(side.passwd, `agent:x:${uid}:${gid}::${insideHome}:/bin/bash\n`);
  await writeFile(side.group, `agent:x:${gid}:\n`);
}
