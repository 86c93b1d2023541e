import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { refused } from "../core/base/errors.ts";
import type { Settings } from "../core/base/settings.ts";
import { secretNameOf } from "../stacks/secret-names.ts";
import { parseSecretList } from "./sst-output.ts";

export interface SstOptions {
  /** The repository's root, where sst.config.ts is. */
  folder: string;
  stage: string;
  environment: NodeJS.ProcessEnv;
}

/** The `sst` program for one stage. Every method throws a refusal that says what it printed last. */
export interface Sst {
  /** The stage's secrets by setting name. */
  secrets(): Promise<Settings>;
  /** Sets secrets, by setting name. */
  setSecrets(values: Readonly<Record<string, string>>): Promise<void>;
  /** Deploys; its progress goes to our own output. */
  deploy(): Promise<void>;
  /** Removes; `confirmation` is handed on in `TALARIA_REMOVE`, which lifts the protection of production. */
  remove(confirmation: string): Promise<void>;
}

export function openSst(options: SstOptions): Sst {
  const run = (args: string[], more: RunOptions = {}) => runSst([...args, "--stage", options.stage], options, more);
  return {
    async secrets() {
      const { code, printed } = await run(["secret", "list"]);
      if (code === 0) return parseSecretList(printed);
      // An empty list is an error to SST.
      if (/No secrets found/.test(printed)) return {};
      throw failure("sst secret list", printed);
    },
    async setSecrets(values) {
      for (const [setting, value] of Object.entries(values)) {
        // Over standard input: a value among the arguments would be in the list of processes.
        const { code, printed } = await run(["secret", "set", secretNameOf(setting)], { input: value });
        if (code !== 0) throw failure(`sst secret set ${secretNameOf(setting)}`, printed.replaceAll(value, "…"));
      }
    },
    async deploy() {
      const { code } = await run(["deploy"], { isShown: true });
      if (code !== 0)
        throw refused(
          "sst deploy failed. What it printed above says why; run npm run deploy again when that is mended.",
        );
    },
    async remove(confirmation) {
      const { code } = await run(["remove"], { isShown: true, more: { TALARIA_REMOVE: confirmation } });
      if (code !== 0) throw refused("sst remove failed. What it printed above says why; it may be run again.");
    },
  };
}

interface RunOptions {
  input?: string;
  /** Its output goes to ours as it comes, and it may ask the person. */
  isShown?: boolean;
  more?: Record<string, string>;
}

async function runSst(args: string[], { folder, environment }: SstOptions, { input, isShown, more }: RunOptions) {
  // npm puts its own folder of programs on the path; a bare `node cli/deploy.ts` has not.
  const PATH = [environment["PATH"], join(folder, "node_modules", ".bin")].filter(Boolean).join(delimiter);
  const env = { ...environment, ...more, PATH };
  const child = spawn("sst", args, { cwd: folder, env, stdio: isShown ? "inherit" : "pipe" });
  // Ctrl-C reaches sst too, which needs a moment to let go of what it has locked: we end after it.
  const stay = () => {};
  process.on("SIGINT", stay);
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (chunk: string) => (printed += chunk));
  // A program that does not read what it is given says so by its exit code.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input ?? "");
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", () => reject(refused("The program sst could not be started: run npm ci, then try again.")));
    child.once("close", (status) => resolve(status ?? 1));
  }).finally(() => process.off("SIGINT", stay));
  return { code, printed };
}

const failure = (command: string, printed: string) => {
  const last = printed.trim().split("\n").slice(-3).join(" ").replace(/^✕\s*/, "");
  return refused(`${command} failed: ${last || "it printed nothing"}`);
};
