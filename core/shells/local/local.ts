import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { refused } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
import { type EgressSupport, egressOf, networkSetting } from "../egress.ts";
import { defineShell, type ShellBackend } from "../shell.ts";
import { bubblewrapRunner } from "./bubblewrap.ts";
import { createDiskGuard } from "./disk-guard.ts";
import { hostRunner } from "./host.ts";
import { justBashRunner } from "./just-bash.ts";
import type { LocalRunner } from "./runner.ts";

const settings = [
  {
    name: "TALARIA_WORKSPACES",
    required: true,
    secret: false,
    help: "Folder that holds the workspaces; set by the composition root.",
  },
  networkSetting,
  {
    name: "TALARIA_SHELL_UNSAFE_HOST",
    required: false,
    secret: false,
    help: "1 runs commands directly on this machine, without a sandbox: they can read and change all your files.",
  },
];

const egress: EgressSupport = { shell: "local", keeps: ["closed", "open", "listed"], byDefault: "closed" };
const egressOfHost: EgressSupport = {
  shell: "local",
  keeps: ["open"],
  because: "without a sandbox (TALARIA_SHELL_UNSAFE_HOST=1) commands have this machine's network.",
  byDefault: "open",
};

/** Commands on this machine: in bubblewrap where that works, else in a simulated bash, bare only when asked for. */
export const local = defineShell({
  name: "local",
  settings,
  async summary(values) {
    const runner = await chooseRunner(values, await folderOf(values));
    await runner.close?.();
    return runner.summary;
  },
  async connect(values) {
    const folder = await folderOf(values);
    return localBackend(await chooseRunner(values, folder), folder);
  },
});

async function folderOf(values: Settings): Promise<string> {
  const workspaces = values["TALARIA_WORKSPACES"];
  if (!workspaces) throw refused("TALARIA_WORKSPACES is not set: the local shell needs a folder for its workspaces.");
  await mkdir(workspaces, { recursive: true });
  // Bind mounts want the real path, and a mount made through a symlink could be moved under us.
  return realpath(workspaces);
}

async function chooseRunner(values: Settings, workspaces: string): Promise<LocalRunner> {
  if (values["TALARIA_SHELL_UNSAFE_HOST"] === "1") {
    egressOf(values, egressOfHost);
    return hostRunner();
  }
  const network = egressOf(values, egress);
  const sandbox = await bubblewrapRunner(network, workspaces);
  if (sandbox !== undefined) return sandbox;
  if (network.kind !== "listed") return justBashRunner();
  throw refused(
    "A list in TALARIA_SHELL_NETWORK needs bubblewrap (apt-get install bubblewrap) in which this Node.js can run " +
      `(${process.execPath}), and that does not work here. Write 0 or 1, or use the shell modal or daytona.`,
    { code: "shell.egress" },
  );
}

/** A backend of one runner; exported for the tests, which try each of the three. */
export function localBackend(runner: LocalRunner, workspaces: string): ShellBackend {
  const guard = createDiskGuard({ workspaces, open: (workspace) => runner.open(join(workspaces, workspace)) });
  return {
    description: runner.description,
    acquire: async (workspace) => guard.guarded(validId(workspace)),
    async close() {
      guard.close();
      await runner.close?.();
    },
  };
}

/** An id becomes a folder's name: it must not be able to name anything else. */
function validId(workspace: string): string {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(workspace)) return workspace;
  throw refused("A workspace id consists of 1 to 128 letters, digits, hyphens and underscores.");
}
