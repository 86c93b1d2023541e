import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { hostRunner } from "../../../core/shells/local/host.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import { local, localBackend } from "../../../core/shells/local/local.ts";
import { runBash } from "../../../core/shells/local/process.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";
import { shellPorts } from "../../support/shell-ports.ts";
import { backendOf, newFolder, sandboxesHere } from "./runners.ts";

const sandboxes = await sandboxesHere();
const hasSandbox = sandboxes.length > 0;

for (const { whose, runner, folderOf } of sandboxes)
  shellSuite(`bubblewrap of ${whose}`, async () => localBackend(runner, await folderOf()), ["own-session"]);
shellSuite("just-bash", () => backendOf(justBashRunner()), ["programs", "partial-output", "whole-session"]);
shellSuite("bare bash", () => backendOf(hostRunner()), ["isolation", "new-sessions"]);

describe("a sandbox that cannot start", () => {
  it.each([[["no-such-sandbox"]], [["cat", "--no-such-option"]]])(
    "is a retryable failure with its reason: %j",
    async (command) => {
      const bash = { command, cwd: await newFolder(), env: { PATH: "/usr/bin:/bin" } };
      await expect(runBash(bash, "echo never", { timeoutMs: 5_000 })).rejects.toMatchObject({
        kind: "retryable",
        message: expect.stringContaining("no-such"),
      });
    },
  );

  it("is not confused with a script that was killed", async () => {
    const workspace = await (await backendOf(hostRunner())).acquire("any");
    expect(await workspace.run("echo before; kill -9 $$", { timeoutMs: 5_000 })).toMatchObject({
      output: "before\n",
      exitCode: 137,
    });
  });
});

describe("a machine whose memory runs out", () => {
  it("ends what scripts run first, also without a sandbox", async () => {
    if (process.platform !== "linux") return;
    const workspace = await (await backendOf(hostRunner())).acquire("any");
    const { output } = await workspace.run("cat /proc/self/oom_score_adj", { timeoutMs: 5_000 });
    expect(output).toBe("1000\n");
    expect(await readFile("/proc/self/oom_score_adj", "utf8")).not.toBe(output);
  });
});

describe("a machine on which the last part of the output comes late", () => {
  /** Stops what passes the output on, as a busy machine may, for longer than a script takes. */
  const stall = `
    output=$(readlink /proc/$$/fd/1)
    until [ -n "$passer" ]; do
      for process in /proc/[0-9]*; do
        [ "$(readlink $process/fd/0)" = "$output" ] && [ "$(< $process/comm)" = cat ] && passer=\${process#/proc/}
      done 2> /dev/null
    done
    setsid sh -c 'sleep 1; kill -CONT $1' sh $passer > /dev/null 2>&1 &
    kill -STOP $passer`;

  it.each([true, false])("still hands back all of it (outlives: %s)", async (outlives) => {
    const workspace = await (await backendOf(hostRunner())).acquire("any");
    const run = workspace.run(`echo before; ${stall}\necho after; exit 3`, { timeoutMs: 20_000, outlives });
    expect(await run).toMatchObject({ output: "before\nafter\n", exitCode: 3 });
  });
});

describe("the local shell", () => {
  const descriptionFor = async (settings: Record<string, string>) => {
    const backend = await local.connect({ TALARIA_WORKSPACES: await newFolder(), ...settings }, shellPorts());
    return backend.description;
  };

  it("is bubblewrap where that works, else the simulated bash that says what is missing", async () => {
    expect(await descriptionFor({})).toMatch(
      hasSandbox ? /sandbox.*no network/s : /simulated.*apt-get install bubblewrap/s,
    );
  });

  it("opens the network only when it is told to", async () => {
    if (!hasSandbox) return;
    expect(await descriptionFor({ TALARIA_SHELL_NETWORK: "1" })).toContain("The network is open");
  });

  it("is a bare process only when it is told to", async () => {
    expect(await descriptionFor({ TALARIA_SHELL_UNSAFE_HOST: "1" })).toContain("not isolated");
    expect(await descriptionFor({ TALARIA_SHELL_UNSAFE_HOST: "yes" })).not.toContain("not isolated");
  });

  it("refuses to start without a folder for workspaces", async () => {
    await expect(local.connect({}, shellPorts())).rejects.toMatchObject({ kind: "refused" });
  });

  it("leaves nothing of its probe in the folder of workspaces", async () => {
    const folder = await newFolder();
    await local.connect({ TALARIA_WORKSPACES: folder }, shellPorts());
    expect((await readdir(folder)).filter((name) => name !== ".system")).toEqual([]);
  });

  it("tells in its description how to get a real sandbox when it only simulates one", async () => {
    expect((await backendOf(justBashRunner())).description).toContain("apt-get install bubblewrap");
  });
});
