/** The three ways to run scripts on this machine, for the tests that try each. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Egress } from "../../../core/shells/egress.ts";
import { bubblewrapRunner } from "../../../core/shells/local/bubblewrap.ts";
import type { Resolve } from "../../../core/shells/local/egress-rule.ts";
import { localBackend } from "../../../core/shells/local/local.ts";
import type { LocalRunner } from "../../../core/shells/local/runner.ts";
import type { ShellBackend } from "../../../core/shells/shell.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A folder that is removed after the tests of this file. */
export async function newFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "talaria-shell-")));
  folders.push(folder);
  return folder;
}

export const backendOf = async (runner: LocalRunner): Promise<ShellBackend> => localBackend(runner, await newFolder());

/** `undefined`, with the reason printed, where this machine has no working bubblewrap. */
export async function bubblewrapHere(egress: Egress = { kind: "closed" }, resolve?: Resolve) {
  const runner = await bubblewrapRunner(egress, await newFolder(), resolve);
  if (runner === undefined) console.log("skipped: bubblewrap (bwrap) is not installed here or may not make namespaces");
  return runner;
}
