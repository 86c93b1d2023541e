/** The files that AWS builds the image of a shell's machines from, and the exec agent among them. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as esbuild from "esbuild";
import { dockerfileOn } from "./shell-image.ts";

/** Ours: SST has an older one, which an import would find there, and whose bundle is another for the same sources. */
const esbuildOf = (root: string) => createRequire(join(root, "package.json"))("esbuild") as typeof esbuild;

/** The exec agent (shell-agent/) as one module without dependencies, for a machine that has Node 24 and nothing of ours. */
export async function bundleAgent(root: string): Promise<string> {
  const { outputFiles } = await esbuildOf(root).build({
    entryPoints: [join(root, "shell-agent", "agent.ts")],
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node24",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

/** By file name: ours, or `ownImage` with the agent added to it. */
export async function imageParts(root: string, ownImage?: string) {
  const agent = await bundleAgent(root);
  const dockerfile = ownImage
    ? dockerfileOn(ownImage)
    : await readFile(join(root, "shell-agent", "Dockerfile"), "utf8");
  return { Dockerfile: dockerfile, "agent.mjs": agent };
}

/** The tag of what is built from these parts: other parts, another image. */
export const tagOf = (parts: Awaited<ReturnType<typeof imageParts>>): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
