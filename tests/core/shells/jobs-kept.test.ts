import { describe, expect, it } from "vitest";
import { listJobs, lookAtJob, startJob, writeToJob } from "../../../core/shells/jobs/jobs.ts";
import type { Workspace } from "../../../core/shells/shell.ts";
import { executeCode } from "../../../core/tools/execute-code.ts";
import { process as processTool } from "../../../core/tools/process.ts";
import { newBench } from "../tools/tool-bench.ts";
import { backendOf, bubblewrapHere } from "./runners.ts";

const runner = await bubblewrapHere();
const dayAndHour = 25 * 3600;

describe.skipIf(runner === undefined)("what is kept of jobs", () => {
  const newWorkspace = async () => {
    if (runner === undefined) throw new Error("unreachable: the suite is skipped");
    return (await backendOf(runner)).acquire("kept");
  };
  const shell = (workspace: Workspace, script: string) => workspace.run(script, { timeoutMs: 10_000 });
  const start = (workspace: Workspace, id: string) =>
    startJob(
      workspace,
      { id, session: "s", savesSession: false, timeoutMs: 60_000, label: "t", command: "echo done" },
      { waitMs: 10_000 },
    );
  const ids = async (workspace: Workspace) => (await listJobs(workspace)).map(({ id }) => id);

  it("stays for a day after the end, however long ago the beginning is", async () => {
    const workspace = await newWorkspace();
    await start(workspace, "job_long");
    await shell(workspace, `cd ~/.talaria/jobs/job_long && sed -i "1s/.*/$((EPOCHSECONDS - ${dayAndHour}))/" label`);
    expect(await ids(workspace)).toEqual(["job_long"]);
    expect(await lookAtJob(workspace, "job_long")).toMatchObject({ status: "ended", output: { head: "done\n" } });
    await shell(
      workspace,
      `cd ~/.talaria/jobs/job_long && printf '%-63s' "ended 0 0 0 $((EPOCHSECONDS - ${dayAndHour}))" > state`,
    );
    expect(await ids(workspace)).toEqual([]);
  });

  it("stays for a day after a loss was first seen", async () => {
    const workspace = await newWorkspace();
    await start(workspace, "job_lost");
    const lose = `sed -i "1s/.*/$((EPOCHSECONDS - ${dayAndHour}))/" label; printf '%-63s' running > state`;
    await shell(workspace, `cd ~/.talaria/jobs/job_lost && ${lose}`);
    expect(await listJobs(workspace)).toMatchObject([{ id: "job_lost", status: "lost" }]);
    expect(await ids(workspace)).toEqual(["job_lost"]);
    await shell(workspace, `echo $((EPOCHSECONDS - ${dayAndHour})) > ~/.talaria/jobs/job_lost/lost`);
    expect(await ids(workspace)).toEqual([]);
  });

  it("says nothing of an output in errors", async () => {
    const workspace = await newWorkspace();
    const broken: Workspace = {
      ...workspace,
      run: async () => ({ output: "hidden words", exitCode: 9, timedOut: false, interrupted: false, droppedBytes: 0 }),
    };
    await expect(lookAtJob(broken, "job_1")).rejects.toThrow(/^(?![^]*hidden)[^]*did not say/);
    await expect(writeToJob(broken, "job_1", { data: "x" })).rejects.toThrow(/^(?![^]*hidden)[^]*written to/);
    const token = ["ghp", "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3d"].join("_");
    const full: Workspace = {
      ...broken,
      run: async (script) => {
        const [marker = ""] = /talaria-[0-9a-f-]{36}/.exec(script) ?? [];
        return {
          output: `no space for ${token}\n${marker} lacks space`,
          exitCode: 0,
          timedOut: false,
          interrupted: false,
          droppedBytes: 0,
        };
      },
    };
    await expect(start(full, "job_1")).rejects.toThrow(/^(?![^]*Ab3dEf6hIj9k)[^]*could not be started/);
  });
});

const python = runner && (await (await newBench(runner)).shell("command -v python3")).trim();

describe.skipIf(!python)("a program of execute_code", () => {
  it("is listed while it runs, so that nobody puts its machine to sleep, but is no background process", async () => {
    if (runner === undefined) throw new Error("unreachable: the suite is skipped");
    const { context, workspace, call, shell } = await newBench(runner);
    const running = executeCode.run(
      { code: "import os, time\nwhile not os.path.exists('go-on'): time.sleep(0.05)" },
      context,
    );
    let seen = await listJobs(workspace);
    for (let tries = 0; tries < 200 && seen.length === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen = await listJobs(workspace);
    }
    expect(seen).toMatchObject([
      { id: expect.stringMatching(/^program_/), status: "running", isProgram: true, label: "execute_code" },
    ]);
    expect(seen[0]?.startedAt).toBeGreaterThan(1_600_000_000_000);
    expect(await call(processTool, { action: "list" })).toEqual({ processes: [] });
    await shell("touch go-on");
    expect(await running).toMatchObject({ exit_code: 0 });
    for (let tries = 0; tries < 200 && seen.length > 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen = await listJobs(workspace);
    }
    expect(seen).toEqual([]);
  });
});
