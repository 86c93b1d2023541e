/** How a function becomes a zip: minified modules, without what this deployment never loads. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import config from "../agent.config.ts";
import { cloudShellOf } from "../core/base/agent-config.ts";
import { nativeExtras, replacedByLambda, unusedClients } from "./bundles.ts";
import { usesShell, type FunctionName } from "./needs.ts";

const inRepository = (path: string) => join($cli.paths.root, path);

const options: BuildOptions = { bundle: true, minify: true, platform: "node", format: "esm", target: "node24" };

/**
 * The SDK's search for credentials is left out of the bundle, and a package of the same name is put beside it that only
 * looks where Lambda puts them. (SST 4.17.1 hands `external` on to esbuild, but not `alias`.)
 */
async function addCredentials(folder: string): Promise<void> {
  const target = join(folder, "node_modules", replacedByLambda.credentials);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "package.json"), JSON.stringify({ type: "module", exports: "./index.js" }));
  const source = inRepository("functions/compose/lambda-credentials.ts");
  await build({ ...options, entryPoints: [source], outfile: join(target, "index.js") });
}

/**
 * The simulated bash of the local shell runs in a thread, which starts from a file of its own: the one that
 * core/shells/local/just-bash.ts names. The bundler does not see it, so it is put beside the bundle. It is read when a
 * command is first run, never at a cold start.
 */
async function addSimulatedBash(folder: string): Promise<void> {
  await build({
    ...options,
    entryPoints: [inRepository("core/shells/local/just-bash-worker.ts")],
    outfile: join(folder, "just-bash-worker.mjs"),
    // Natively compiled extras of a few commands (sqlite3, js-exec, zstd, xz), which fail without them.
    external: ["sql.js", "quickjs-emscripten", "@mongodb-js/zstd", "node-liblzma"],
    // CommonJS parts ask for Node's own modules by require.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  writeFileSync(join(folder, "just-bash-worker.ts"), 'import "./just-bash-worker.mjs";\n');
}

async function addFiles(name: FunctionName, folder: string): Promise<void> {
  await addCredentials(folder);
  if (usesShell(name) && cloudShellOf(config) === "local") await addSimulatedBash(folder);
}

export const packagingOf = (name: FunctionName) => ({
  nodejs: {
    format: "esm" as const,
    minify: true,
    // What is imported on first use is a file of its own, which a cold start does not read.
    splitting: true,
    esbuild: { external: [...unusedClients(config), ...Object.values(replacedByLambda), ...nativeExtras] },
  },
  hook: { postbuild: (folder: string) => addFiles(name, folder) },
});
