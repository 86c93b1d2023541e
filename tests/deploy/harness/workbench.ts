/** The stand-in account, a home folder for the CLI, and what has to be thrown away afterwards. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAccount, type StandInAccount } from "./account.ts";
import { openCli, type Cli, type CliResult } from "./cli.ts";
import { readGraph, type Graph } from "./graph.ts";
import { installedPlatform, makeWorkingCopy, repository, type CopyOptions, type WorkingCopy } from "./working-copy.ts";

export interface Bench {
  account: StandInAccount;
  /** A working copy and the CLI in it, under a stage of its own. */
  open(stage: string, options?: CopyOptions): { copy: WorkingCopy; cli: Cli; graph(): Graph };
  /** `sst install` in the repository, unless this version's platform is there already. */
  install(): Promise<CliResult | undefined>;
  close(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), "talaria-bench-"));
  const account = await startAccount();
  const copies: WorkingCopy[] = [];
  const homeOf = (stage: string) => {
    const home = join(folder, stage);
    mkdirSync(home, { recursive: true });
    return home;
  };
  const cliIn = (where: string, stage: string) =>
    openCli({
      folder: where,
      home: homeOf(stage),
      stage,
      accountUrl: account.url,
      graphFile: join(folder, `${stage}.json`),
    });
  return {
    account,
    open(stage, options) {
      const copy = makeWorkingCopy(options);
      copies.push(copy);
      return { copy, cli: cliIn(copy.folder, stage), graph: () => readGraph(join(folder, `${stage}.json`)) };
    },
    async install() {
      return installedPlatform() === wantedVersion() ? undefined : cliIn(repository, "install")("install");
    },
    async close() {
      await account.close();
      for (const copy of copies) copy.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of the `sst` that is installed. */
function wantedVersion(): string {
  const manifest = readFileSync(join(repository, "node_modules", "sst", "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
