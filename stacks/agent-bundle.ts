import { join } from "node:path";
import { build } from "esbuild";

/** The exec agent (shell-agent/) as one module without dependencies, for a machine that has Node 24 and nothing of ours. */
export async function bundleAgent(root: string): Promise<string> {
  const { outputFiles } = await build({
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
