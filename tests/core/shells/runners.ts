/** The three ways to run scripts on this machine, for the tests that try each. */
import { chown, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Egress, parseEgress } from "../../../core/shells/egress.ts";
import { bubblewrapRunner } from "../../../core/shells/local/bubblewrap.ts";
import type { Resolve } from "../../../core/shells/local/egress-rule.ts";
import { localBackend } from "../../../core/shells/local/local.ts";
import type { LocalRunner } from "../../../core/shells/local/runner.ts";
import type { ShellBackend } from "../../../core/shells/shell.ts";
import { bubblewrapOfUser, ordinaryUser } from "../../support/ordinary-user.ts";

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

/** Bubblewrap as somebody starts it. */
export interface Sandboxes {
  whose: string;
  runner: LocalRunner;
  /** As TALARIA_SHELL_NETWORK says it. */
  withNetwork(rule: string): Promise<LocalRunner | undefined>;
  /** A folder that is theirs and is removed after the tests of this file. */
  folderOf(): Promise<string>;
  /** Makes theirs what a test has put there. */
  give(path: string): Promise<void>;
}

/** As we are and, where we are root, as an ordinary user too: each of them has another sandbox. */
export async function sandboxesHere(): Promise<Sandboxes[]> {
  const own = await bubblewrapHere();
  if (own === undefined) return [];
  const isRoot = process.getuid?.() === 0;
  const ours: Sandboxes = {
    whose: isRoot ? "root" : "an ordinary user",
    runner: own,
    withNetwork: (rule) => bubblewrapHere(parseEgress(rule)),
    folderOf: newFolder,
    give: async () => {},
  };
  const theirs = isRoot ? await sandboxesOfUser() : undefined;
  return theirs === undefined ? [ours] : [ours, theirs];
}

async function sandboxesOfUser(): Promise<Sandboxes | undefined> {
  const give = (path: string) => chown(path, ordinaryUser.uid, ordinaryUser.gid);
  const folderOf = async () => {
    const folder = await newFolder();
    await give(folder);
    return folder;
  };
  const withNetwork = async (rule: string) => {
    const started = await bubblewrapOfUser(rule, await folderOf());
    if (started !== undefined) afterAll(() => started.close());
    return started;
  };
  const runner = await withNetwork("0");
  if (runner !== undefined) return { whose: "an ordinary user", runner, withNetwork, folderOf, give };
  console.log(`skipped: sandboxes of an ordinary user, since the user ${ordinaryUser.uid} can run none here`);
  return undefined;
}
