/** Variables that an operator passes to commands: seen by them, by their jobs and programs, and by nothing that stays. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../core/base/ids.ts";
import { killJob, startJob } from "../../../core/shells/jobs/jobs.ts";
import { hostRunner } from "../../../core/shells/local/host.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import { localBackend } from "../../../core/shells/local/local.ts";
import { withPassthrough } from "../../../core/shells/passthrough.ts";
import { runInSession } from "../../../core/shells/session.ts";
import type { ShellBackend, Workspace } from "../../../core/shells/shell.ts";
import { ssh } from "../../../core/shells/ssh.ts";
import { sshdMissing, startSshServer } from "../../fakes/ssh-server.ts";
import { shellPorts } from "../../support/shell-ports.ts";
import { bubblewrapHere, newFolder } from "./runners.ts";

const timeoutMs = 30_000;
const value = `it's "a" $SECRET \\ of\ntwo lines; ${"x1Y2".repeat(5)}`;
const variables = [
  { name: "BUILD_TOKEN", value },
  { name: "OTHER", value: "plain" },
];
const digest = (text: string) => createHash("sha256").update(text).digest("hex");
/** What a file may not hold: it is in the value, whatever a shell makes of its quotes. */
const telling = "x1Y2".repeat(5);

interface Place {
  backend: ShellBackend;
  /** Where the files of the workspaces are. */
  folder: string;
}

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function overSsh(): Promise<Place> {
  const server = await startSshServer();
  const backend = await ssh.connect(server.settings, shellPorts());
  closers.push(() => backend.close?.(), server.close);
  return { backend, folder: server.home };
}

const bubblewrap = await bubblewrapHere();
const local = [bubblewrap, hostRunner(), justBashRunner()].filter((runner) => runner !== undefined);
const places: [name: string, open: () => Promise<Place>][] = [
  ...local.map((runner): (typeof places)[number] => [
    runner.name,
    async () => {
      const folder = join(await newFolder(), "workspaces");
      await mkdir(folder);
      return { backend: localBackend(runner, folder), folder: join(folder, "..") };
    },
  ]),
  ...(sshdMissing() === undefined ? [["ssh", overSsh] as (typeof places)[number]] : []),
];

/** Files below the folder that hold the text. */
function filesWith(folder: string, text: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files).not.toEqual([]);
  return files.filter((file) => readFileSync(file, "utf8").includes(text));
}

/** Command lines of this machine's processes, those in sandboxes included. */
const commandLines = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .join("\n");

describe.each(places)("variables passed to %s", (_name, open) => {
  let folder: string;
  let workspace: Workspace;
  beforeAll(async () => {
    const place = await open();
    folder = place.folder;
    workspace = withPassthrough(await place.backend.acquire("passed"), variables);
  });
  const say = async (command: string, session = "s") =>
    (await runInSession(workspace, { session, command, timeoutMs })).output;

  it("are seen by a command under their own names, to the byte, and nothing else is", async () => {
    expect(await say('printf %s "$BUILD_TOKEN" | sha256sum')).toContain(digest(value));
    expect(await say('echo "${OTHER}${TALARIA_SHELL}${OPENAI_API_KEY}"')).toBe("plain\n");
    expect((await workspace.run("cat", { timeoutMs, stdin: "input" })).output).toBe("input");
  });

  it("are not kept by the session, which keeps what it exported itself", async () => {
    await say("export FOO=kept BAR=gone OTHER=changed; unset BAR; IFS=,; cd /tmp");
    expect(await say('echo "$FOO-$BAR-$OTHER-$PWD"')).toBe("kept--plain-/tmp\n");
    await say("readonly BUILD_TOKEN; export BUILD_TOKEN", "stubborn");
    expect(await say('printf %s "$BUILD_TOKEN" | sha256sum', "stubborn")).toContain(digest(value));
    expect(filesWith(folder, telling)).toEqual([]);
  });

  it("are seen by a job that outlives its call, and stay in no file of it", async () => {
    if (!workspace.keepsProcesses) return;
    const job = {
      id: newId("job"),
      session: "s",
      command: 'printf %s "$BUILD_TOKEN" | sha256sum; export LATER=1',
      savesSession: true,
      timeoutMs: 60_000,
      label: "a job",
    };
    const { status, output } = await startJob(workspace, job, { waitMs: timeoutMs });
    expect({ status, head: output.head }).toEqual({ status: "ended", head: expect.stringContaining(digest(value)) });
    expect(await say('echo "$LATER"')).toBe("1\n");
    expect(filesWith(folder, telling)).toEqual([]);
  });

  it("are in no process's arguments while a command and a job run", async () => {
    if (!workspace.keepsProcesses) return;
    const waits = "touch waits; until [ -e goes ]; do sleep 0.05; done; rm goes";
    const job = { id: newId("job"), session: "j", command: "sleep 300", savesSession: false, timeoutMs: 300_000 };
    await startJob(workspace, { ...job, label: "sleeps" }, { waitMs: 0 });
    const running = workspace.run(waits, { timeoutMs });
    await expect
      .poll(async () => (await workspace.run("ls waits 2>&1", { timeoutMs })).output, { timeout: timeoutMs })
      .toBe("waits\n");
    const seen = commandLines();
    expect(seen).toContain("sleep\u0000");
    expect(seen).not.toContain(telling);
    await workspace.run("touch goes; rm waits", { timeoutMs });
    expect((await running).exitCode).toBe(0);
    await killJob(workspace, job.id);
  });
});

it("leaves a workspace as it is when nothing is passed", () => {
  const workspace = { keepsProcesses: false, isIsolated: true, run: () => Promise.reject(new Error("not asked")) };
  expect(withPassthrough(workspace, [])).toBe(workspace);
});
