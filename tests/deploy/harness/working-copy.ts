/**
 * A copy of what a deployment is made of, in a folder of its own: with a config for the check, or with something broken
 * on purpose. The repository is not touched, but for `.sst/platform`, which `sst install` puts there and which all share.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as z from "zod";
import type { agentConfigSchema } from "../../../core/base/agent-config.ts";

export const repository = join(import.meta.dirname, "..", "..", "..");

const parts = [
  "sst.config.ts",
  "agent.config.ts",
  "package.json",
  "tsconfig.json",
  "stacks",
  "core",
  "functions",
  "shell-agent",
];

export interface WorkingCopy {
  folder: string;
  /** The artifacts of a function, by its component's name. */
  zipOf(component: string): string;
  remove(): void;
}

export interface CopyOptions {
  /** In place of the repository's agent.config.ts. */
  config?: z.input<typeof agentConfigSchema>;
  /** Files to change, by path: from their text to another. */
  edits?: Record<string, (text: string) => string>;
}

/** The version of SST whose platform is unpacked, or `undefined`. */
export function installedPlatform(folder = repository): string | undefined {
  const file = join(folder, ".sst", "platform", "version");
  const isComplete = existsSync(join(folder, ".sst", "platform", "node_modules", "@pulumi", "aws"));
  return isComplete && existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

export function makeWorkingCopy({ config, edits = {} }: CopyOptions = {}): WorkingCopy {
  const folder = mkdtempSync(join(tmpdir(), "talaria-deploy-"));
  for (const part of parts) cpSync(join(repository, part), join(folder, part), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  shareThePlatform(folder);
  if (config) writeFileSync(join(folder, "agent.config.ts"), configText(config));
  for (const [path, edit] of Object.entries(edits)) {
    const before = readFileSync(join(folder, path), "utf8");
    const after = edit(before);
    if (after === before) throw new Error(`the edit of ${path} changed nothing: has the file changed?`);
    writeFileSync(join(folder, path), after);
  }
  return {
    folder,
    zipOf: (component) => join(folder, ".sst", "artifacts", component, "code.zip"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function shareThePlatform(folder: string): void {
  const shared = join(repository, ".sst");
  if (!existsSync(join(shared, "platform"))) return;
  mkdirSync(join(folder, ".sst"));
  symlinkSync(join(shared, "platform"), join(folder, ".sst", "platform"));
  cpSync(join(shared, "provider-lock.json"), join(folder, ".sst", "provider-lock.json"));
}

const configText = (config: object) =>
  `import { defineAgent } from "./core/base/agent-config.ts";\n\nexport default defineAgent(${JSON.stringify(config, undefined, 2)});\n`;
