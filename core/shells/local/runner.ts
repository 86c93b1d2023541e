import { basename, dirname, join } from "node:path";
import type { Workspace } from "../shell.ts";

/** One way to run scripts on this machine; connect() picks one of three. */
export interface LocalRunner {
  name: "bubblewrap" | "just-bash" | "host";
  /** See ShellBackend. */
  summary: string;
  /** See ShellBackend. */
  description: string;
  /** Makes a workspace of this folder, which the runner creates when it is missing. */
  open(folder: string): Promise<Workspace>;
  /** Ends what serves its workspaces. Absent: nothing does. */
  close?(): Promise<void>;
}

/** Where a workspace's files are seen from inside, wherever they are on this machine. */
export const insideHome = "/workspace";

/** All that a script finds in its environment, so that no secret of ours can be in it. */
export const scriptEnvironment = (home: string): Record<string, string> => ({
  PATH: "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
  HOME: home,
  LANG: "C.UTF-8",
  TERM: "dumb",
});

/** What belongs to a workspace but must not lie in it. */
export interface SideFolder {
  path: string;
  /** Its /tmp. */
  temporary: string;
  /** Rings of its jobs, for us to pass on (local/shell-spool.ts). */
  spool: string;
  passwd: string;
  group: string;
}

/**
 * Beside the workspaces, where no script can put a link in place of a folder that we mount next time.
 * The name begins with a dot, so no workspace can have it.
 */
export function sideFolderOf(folder: string): SideFolder {
  return sideFolderAt(join(dirname(folder), sideFolders, basename(folder)));
}

/** The folder of all side folders, beside the workspaces. */
export const sideFolders = ".system";

export const sideFolderAt = (path: string): SideFolder => ({
  path,
  temporary: join(path, "tmp"),
  spool: join(path, "spool"),
  passwd: join(path, "passwd"),
  group: join(path, "group"),
});
