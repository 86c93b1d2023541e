/** A function exactly as it was packaged: its zip, unpacked, and the environment that the graph gives it. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { region } from "./aws-outputs.ts";
import type { GraphResource } from "./graph.ts";

export interface Package {
  /** The unpacked zip: what is in `/var/task`. */
  folder: string;
  /** The module that the handler is in. */
  module: string;
  /** That module with all that it imports at once: what a cold start reads. */
  bundleBytes: number;
  /** The same with all that is imported later. */
  allBytes: number;
  zipBytes: number;
  environment: Record<string, string>;
  remove(): void;
}

export const environmentOf = ({ inputs }: GraphResource): Record<string, string> =>
  (inputs["environment"] as { variables: Record<string, string> }).variables;

export function unpack(zip: string, lambda: GraphResource): Package {
  const folder = mkdtempSync(join(tmpdir(), "talaria-package-"));
  execFileSync("unzip", ["-q", zip, "-d", folder]);
  const [file] = String(lambda.inputs["handler"]).split(".");
  const module = join(folder, `${file}.mjs`);
  return {
    folder,
    module,
    bundleBytes: sizeOf(importedAtOnce(module)),
    allBytes: sizeOf(modulesIn(folder)),
    zipBytes: statSync(zip).size,
    environment: environmentOf(lambda),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const sizeOf = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + statSync(file).size, 0);

/** Our own modules. What lies in node_modules, or is read by a thread, is not part of the bundle. */
const modulesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".mjs") && !path.includes("node_modules") && !path.includes("worker"))
    .map((path) => join(folder, path));

/** The module and its static imports, theirs included. The bundler names its own files, and minifies what it writes. */
function importedAtOnce(module: string, found = new Set<string>()): Set<string> {
  if (found.has(module)) return found;
  found.add(module);
  for (const [, path = ""] of readFileSync(module, "utf8").matchAll(/(?:\bfrom|\bimport)"(\.{1,2}\/[^"]+\.mjs)"/g))
    importedAtOnce(join(dirname(module), path), found);
  return found;
}

/** Everything in the bundle, as text. */
export const bundleTextOf = ({ folder }: Package): string =>
  modulesIn(folder)
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

export interface ColdImport {
  hasHandler: boolean;
  cpuMs: number;
  peakMemoryMb: number;
}

const importScript = `
const { handler } = await import(process.argv[1]);
const { user, system } = process.cpuUsage();
const peakMemoryMb = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ hasHandler: typeof handler === "function", cpuMs: Math.round((user + system) / 1000), peakMemoryMb }));
`;

/** What Lambda itself sets (AWS Lambda developer guide, "Defined runtime environment variables"). */
const lambdaVariables = (folder: string) => ({
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "made-up",
  AWS_SESSION_TOKEN: "made-up",
  LAMBDA_TASK_ROOT: folder,
  TZ: ":UTC",
});

/** Imports the module in a fresh process, in its folder, with its environment and nothing else. @throws what it printed */
export function importCold({ folder, module, environment }: Package): Promise<ColdImport> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", importScript, module], {
    cwd: folder,
    env: { ...lambdaVariables(folder), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let complaints = "";
  child.stdout.on("data", (chunk) => (printed += String(chunk)));
  child.stderr.on("data", (chunk) => (complaints += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(printed) as ColdImport);
      else reject(new Error(`the import failed:\n${complaints.trim()}`));
    });
  });
}
