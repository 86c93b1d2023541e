import { accessSync, constants, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Settings } from "../../core/base/settings.ts";
import { bubblewrapRunner } from "../../core/shells/local/bubblewrap.ts";
import { ok, problem, warning, type Finding } from "../finding.ts";
import { shellProblem } from "../shell-problem.ts";

/** What the functions run on in AWS, too. */
const leastNode = 24;

export const nodeFinding = (version: string): Finding =>
  Number.parseInt(version, 10) >= leastNode
    ? ok(`Node ${version}`)
    : problem(`Node ${version} is too old`, `start it by npm run, which brings Node ${leastNode} along`);

/** Whether commands are kept away from this machine's files by the kernel, by a simulation, or not at all. */
export async function shellFinding(settings: Settings): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), "talaria-doctor-"));
  try {
    const text = await shellProblem(settings["TALARIA_SHELL"] || "local", { ...settings, TALARIA_WORKSPACES: folder });
    if (text !== undefined) return problem(`Shell: ${text}`, "correct .env");
    if (settings["TALARIA_SHELL_UNSAFE_HOST"] === "1")
      return warning(
        "Shell: commands run on this machine and can change all your files",
        "take TALARIA_SHELL_UNSAFE_HOST out of .env unless that is meant",
      );
    if (await bubblewrapRunner({ kind: "closed" }, folder)) return ok("Shell: bubblewrap works");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return warning(
    "Shell: bubblewrap does not work here, commands run in a simulated bash",
    "apt install bubblewrap (Linux), where user namespaces are allowed",
  );
}

export function dataFolderFinding(dataFolder: string): Finding {
  const folder = resolve(dataFolder);
  try {
    accessSync(existing(folder), constants.W_OK | constants.X_OK);
    return ok(`Data folder ${folder}${existsSync(folder) ? "" : " (made by the first npm start)"}`);
  } catch {
    return problem(
      `Data folder ${folder} cannot be written to`,
      "mend its rights, or name another one in TALARIA_DATA",
    );
  }
}

/** The folder, or the nearest one above it that is there. */
const existing = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : existing(dirname(path));

export const portFinding = async (port: number): Promise<Finding> =>
  (await isFree(port))
    ? ok(`Port ${port} is free; nothing runs (npm start)`)
    : problem(`Port ${port} is in use, and not by the agent of this data folder`, "name another PORT in .env");

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
