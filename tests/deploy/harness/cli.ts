/** Runs the real `sst` program, offline: made-up keys, a home of its own, the stand-in engine and account. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { region } from "./aws-outputs.ts";

export interface CliResult {
  code: number;
  /** Both outputs, without colours. */
  output: string;
  ms: number;
}

export interface CliOptions {
  /** The folder with `sst.config.ts`. */
  folder: string;
  /** In place of the person's home folder: the CLI keeps its settings and the engine in it. */
  home: string;
  stage: string;
  /** Of the stand-in account. */
  accountUrl: string;
  /** Where the engine writes the graph. */
  graphFile: string;
}

export type Cli = (...words: string[]) => Promise<CliResult>;

const repository = join(import.meta.dirname, "..", "..", "..");

/** Only what a package manager and TLS need of the surroundings; no credentials, no settings of AWS or SST. */
const inherited = () =>
  Object.entries(process.env).filter(([name]) =>
    /^(PATH|LANG|npm_config_.*|NODE_EXTRA_CA_CERTS|SSL_.*|.*_proxy)$/i.test(name),
  );

/** The CLI runs `pulumi stack init` from this folder, whatever SST_PULUMI_PATH says. */
function installEngine(home: string): string {
  const folder = join(home, ".config", "sst", "bin");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "pulumi");
  const engine = join(import.meta.dirname, "engine.ts");
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${engine}" "$@"\n`, { mode: 0o755 });
  return file;
}

export function openCli({ folder, home, stage, accountUrl, graphFile }: CliOptions): Cli {
  const environment: Record<string, string | undefined> = {
    ...Object.fromEntries(inherited()),
    HOME: home,
    // npm keeps the person's registry and cache.
    npm_config_userconfig: process.env["npm_config_userconfig"] ?? join(homedir(), ".npmrc"),
    npm_config_cache: process.env["npm_config_cache"] ?? join(homedir(), ".npm"),
    SST_STAGE: stage,
    SST_PULUMI_PATH: installEngine(home),
    SST_SKIP_DEPENDENCY_CHECK: "1",
    NO_BUN: "1",
    DO_NOT_TRACK: "1",
    AWS_REGION: region,
    AWS_ENDPOINT_URL: accountUrl,
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "made-up",
    AWS_EC2_METADATA_DISABLED: "true",
    TALARIA_CHECK_GRAPH: graphFile,
  };
  return (...words) => {
    const startedAt = performance.now();
    const child = spawn(join(repository, "node_modules", ".bin", "sst"), words, {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) =>
        resolve({ code: code ?? 1, output: stripVTControlCharacters(output), ms: performance.now() - startedAt }),
      );
    });
  };
}
