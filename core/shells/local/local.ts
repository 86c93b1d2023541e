import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { refused } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
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
  {
    name: "TALARIA_SHELL_NETWORK",
    required: false,
    secret: false,
    help: "1 lets commands use this machine's network, services on localhost included. Default: no network.",
  },
  {
    name: "TALARIA_SHELL_UNSAFE_HOST",
    required: false,
    secret: false,
    help: "1 runs commands directly on this machine, without a sandbox: they can read and change all your files.",
  },
] as const;

/** Commands on this machine: in bubblewrap where that works, else in a simulated bash, bare only when asked for. */
export const local = defineShell({
  name: "local",
  settings,
  summary: async (values) => (await chooseRunner(values, await folderOf(values))).summary,
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
  if (values["TALARIA_SHELL_UNSAFE_HOST"] === "1") return hostRunner();
  const network = values["TALARIA_SHELL_NETWORK"] === "1";
  return (await bubblewrapRunner({ network }, workspaces)) ?? justBashRunner();
}

/** A backend of one runner; exported for the tests, which try each of the three. */
export function localBackend(runner: LocalRunner, workspaces: string): ShellBackend {
  const guard = createDiskGuard({ workspaces, open: (workspace) => runner.open(join(workspaces, workspace)) });
  return {
    description: runner.description,
    acquire: async (workspace) => guard.guarded(validId(workspace)),
    close: async () => guard.close(),
  };
}

/** An id becomes a folder's name: it must not be able to name anything else. */
function validId(workspace: string): string {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(workspace)) return workspace;
  throw refused("A workspace id consists of 1 to 128 letters, digits, hyphens and underscores.");
}
