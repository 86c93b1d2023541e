/** What a command's result says when the disk did not take what it was to keep. */
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { newId } from "../../../core/base/ids.ts";
import { fullDiskError } from "../../../core/shells/jobs/job.ts";
import { killJob, lookAtJob, signalJob, startJob } from "../../../core/shells/jobs/jobs.ts";
import { hostRunner } from "../../../core/shells/local/host.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import type { LocalRunner } from "../../../core/shells/local/runner.ts";
import { runInSession } from "../../../core/shells/session.ts";
import { jobOf, waitMs } from "../../contracts/shell-job-bench.ts";
import { mountSmallDisk, smallDiskMissing } from "../../support/small-disk.ts";
import { bubblewrapHere } from "./runners.ts";

const missing = smallDiskMissing();
if (missing !== undefined) console.log(`skipped: commands on a full disk, since ${missing}`);

const runners: LocalRunner[] = [await bubblewrapHere(), hostRunner()].filter((runner) => runner !== undefined);

async function workspaceOn(runner: LocalRunner) {
  const disk = mountSmallDisk(8);
  onTestFinished(disk.remove);
  return { disk, workspace: await runner.open(join(disk.folder, "full")) };
}

/** Takes all room but some kilobytes, so that a job can begin. */
const almostFull = "cat /dev/zero > big 2> /dev/null; truncate -s -200K big";

describe.skipIf(missing !== undefined).each(runners)("a job on $name whose disk is full", (runner) => {
  it("that printed more than there was room for says so, and still ends as it did", async () => {
    const { workspace } = await workspaceOn(runner);
    await workspace.run(almostFull, { timeoutMs: waitMs });
    const look = await startJob(workspace, jobOf("seq 1 200000; exit 3"), { waitMs });
    expect(look).toMatchObject({ status: "ended", exitCode: 3, fullDisk: { cutOutput: true } });
    expect(look.output.head).toMatch(/^1\n2\n/);
    expect(fullDiskError(look.fullDisk)).toMatch(/^The disk of the machine is full: not all of its output/);
  });

  it("whose output needs more room to be put together keeps its pieces", async () => {
    const { workspace } = await workspaceOn(runner);
    // What was printed before the disk was full was written before it.
    const written = 'until [ "$(cat "$__talaria_job"/{output,piece.*} | wc -c)" = 4500000 ]; do sleep 0.05; done';
    const command = `head -c 4500000 /dev/zero | tr '\\0' x; ${written}; cat /dev/zero > big 2> /dev/null; echo end`;
    const look = await startJob(workspace, jobOf(command), { waitMs, windowBytes: 1_000 });
    expect(look).toMatchObject({ status: "ended", exitCode: 0 });
    expect(look.output.totalBytes).toBe(4_500_004);
    expect(look.output.tail.endsWith("xend\n")).toBe(true);
  });

  it("that ran with no room left says that its folder and variables are not kept", async () => {
    const { workspace } = await workspaceOn(runner);
    const session = "s";
    const first = jobOf("export KEPT=yes; mkdir sub; cd sub", { session });
    expect(await startJob(workspace, first, { waitMs })).toMatchObject({ fullDisk: { lostSession: false } });
    const second = jobOf("cat /dev/zero > ../big 2> /dev/null; export LOST=yes; cd /tmp", { session });
    expect(await startJob(workspace, second, { waitMs })).toMatchObject({
      status: "ended",
      exitCode: 0,
      cwd: undefined,
      fullDisk: { lostSession: true },
    });
    await workspace.run("rm sub/../big", { timeoutMs: waitMs });
    const third = jobOf("echo $KEPT-$LOST-${PWD##*/}", { session });
    expect((await startJob(workspace, third, { waitMs })).output.head).toBe("yes--sub\n");
  });

  it("still hears signals, and is seen to be stopped", async () => {
    const { workspace } = await workspaceOn(runner);
    const job = jobOf("cat /dev/zero > big 2> /dev/null; sleep 30");
    await startJob(workspace, job, { waitMs: 2_000 });
    expect(await signalJob(workspace, job.id, "STOP")).toMatchObject({ status: "running", stopped: true });
    expect(await killJob(workspace, job.id)).toMatchObject({ status: "ended", killed: true });
    const ended = jobOf("sleep 30");
    await workspace.run("rm big", { timeoutMs: waitMs });
    await startJob(workspace, ended, { waitMs: 0 });
    await workspace.run("cat /dev/zero > big 2> /dev/null", { timeoutMs: waitMs });
    await signalJob(workspace, ended.id, "INT");
    expect(await lookAtJob(workspace, ended.id, { waitMs })).toMatchObject({ status: "ended", exitCode: 130 });
  });

  it("is still seen to have ended", async () => {
    const { workspace } = await workspaceOn(runner);
    const job = jobOf("cat /dev/zero > big 2> /dev/null; exit 4", { id: newId("job") });
    await startJob(workspace, job, { waitMs });
    expect(await lookAtJob(workspace, job.id)).toMatchObject({ status: "ended", exitCode: 4 });
  });
});

it.skipIf(missing !== undefined)("a command without a job says that its folder is not kept", async () => {
  const { disk, workspace } = await workspaceOn(justBashRunner());
  await runInSession(workspace, { session: "s", command: "export KEPT=yes", timeoutMs: waitMs });
  disk.fill();
  const command = "export LOST=yes; mkdir -p sub; cd sub";
  expect(await runInSession(workspace, { session: "s", command, timeoutMs: waitMs })).toMatchObject({
    isUnsaved: true,
  });
  disk.free();
  const look = { session: "s", command: "echo $KEPT-$LOST", timeoutMs: waitMs };
  expect((await runInSession(workspace, look)).output).toBe("yes-\n");
});
