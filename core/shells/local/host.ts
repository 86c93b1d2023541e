import { mkdir } from "node:fs/promises";
import { bashArguments, runBash } from "./process.ts";
import { type LocalRunner, scriptEnvironment, sideFolderOf } from "./runner.ts";

const description =
  "A bash on the person's own machine, not isolated: it sees the whole file system and the network. " +
  "The workspace is the home folder; stay in it unless asked otherwise.";

/** Bare bash, for people who opted in to it: only the environment is cleared. */
export const hostRunner = (): LocalRunner => ({
  name: "host",
  summary: "this machine itself, WITHOUT a sandbox (TALARIA_SHELL_UNSAFE_HOST=1)",
  description,
  async open(folder) {
    const { spool } = sideFolderOf(folder);
    for (const path of [folder, spool]) await mkdir(path, { recursive: true });
    const env = scriptEnvironment(folder);
    const command = bashArguments("ulimit -c 0");
    return {
      keepsProcesses: true,
      isIsolated: false,
      spool,
      run: (script, options) => runBash({ command, cwd: folder, env }, script, options),
    };
  },
});
