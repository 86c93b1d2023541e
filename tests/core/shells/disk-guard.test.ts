/** Scripts that would fill the disk on which the agent has its own state. */
import { readdir, readFile, statfs } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { fullDiskError } from "../../../core/shells/jobs/job.ts";
import { lookAtJob, startJob } from "../../../core/shells/jobs/jobs.ts";
import { hostRunner } from "../../../core/shells/local/host.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import { endLeftovers, leftoversIn } from "../../../core/shells/local/leftovers.ts";
import { localBackend } from "../../../core/shells/local/local.ts";
import type { LocalRunner } from "../../../core/shells/local/runner.ts";
import { jobOf, waitMs } from "../../contracts/shell-job-bench.ts";
import { mountSmallDisk, smallDiskMissing } from "../../support/small-disk.ts";
import { bubblewrapHere } from "./runners.ts";

const missing = smallDiskMissing();
if (missing !== undefined) console.log(`skipped: scripts that fill the disk, since ${missing}`);

const real: LocalRunner[] = [await bubblewrapHere(), hostRunner()].filter((runner) => runner !== undefined);

const timeoutMs = 20_000;

async function setUp(runner: LocalRunner, { megabytes = 80, files }: { megabytes?: number; files?: number } = {}) {
  const disk = mountSmallDisk(megabytes, files);
  const backend = localBackend(runner, disk.folder);
  onTestFinished(async () => {
    await backend.close?.();
    await endLeftovers(disk.folder);
    disk.remove();
  });
  const freeMb = async () => {
    const { bsize, bavail } = await statfs(disk.folder);
    return (bavail * bsize) / 1024 ** 2;
  };
  return { disk, backend, freeMb, workspace: await backend.acquire("one") };
}

/** As fast as it can, and then it goes on: for as long as it lives, nothing that it took comes back. */
const fill = "i=0; while head -c 20000000 /dev/zero > file$i 2> /dev/null; do i=$((i+1)); done; sleep 60";

describe.skipIf(missing !== undefined).each(real)("a script on $name that fills the disk", (runner) => {
  it("is ended with the limit, what is left and what to do, and leaves room for the agent", async () => {
    const { workspace, freeMb } = await setUp(runner);
    await expect(workspace.run(fill, { timeoutMs })).rejects.toMatchObject({
      kind: "refused",
      code: "shell.disk-full",
      message: expect.stringMatching(/nearly full: [\d.]+ MB of 80 MB are free, and 8.0 MB are kept .* Delete what/),
    });
    expect(await freeMb()).toBeGreaterThan(3.5);
  });

  it("can be cleaned up after", async () => {
    const { workspace, freeMb } = await setUp(runner);
    await workspace.run(fill, { timeoutMs }).catch(() => {});
    expect(workspace.notice).toMatch(/^The disk is nearly full/);
    expect(await workspace.run("rm file*; echo gone", { timeoutMs })).toMatchObject({ output: "gone\n", exitCode: 0 });
    expect(workspace.notice).toBeUndefined();
    expect(await freeMb()).toBeGreaterThan(60);
    expect((await workspace.run("echo again", { timeoutMs })).output).toBe("again\n");
  });

  it("is ended as a job after its script too, and so it is found", async () => {
    const { workspace, freeMb, backend, disk } = await setUp(runner);
    const other = await backend.acquire("other");
    const innocent = jobOf("sleep 60", { url: "http://127.0.0.1/shell/jobs/any" });
    await startJob(other, innocent, { waitMs: 0 });
    const job = jobOf(`sleep 0.5; ${fill}`);
    expect(await startJob(workspace, job, { waitMs: 0 })).toMatchObject({ status: "running" });
    await expect.poll(async () => (await leftoversIn(disk.folder)).length, { timeout: timeoutMs }).toBe(0);
    await expect.poll(async () => (await lookAtJob(workspace, job.id)).status, { timeout: timeoutMs }).toBe("ended");
    for (const [place, { id }] of [
      [workspace, job],
      [other, innocent],
    ] as const) {
      const look = await lookAtJob(place, id);
      expect(look).toMatchObject({ status: "ended", exitCode: 137, fullDisk: { endedIt: true } });
      expect(fullDiskError(look.fullDisk)).toContain("was ended");
    }
    expect(await freeMb()).toBeGreaterThan(3.5);
    // It could not ring itself.
    const spool = join(disk.folder, ".system", "other", "spool");
    await expect.poll(() => readdir(spool), { timeout: timeoutMs }).toHaveLength(1);
    expect(await readFile(join(spool, (await readdir(spool))[0] ?? ""), "utf8")).toContain('"event":"ended"');
  });

  it("is not started where next to nothing is left", async () => {
    const { workspace, disk } = await setUp(runner);
    disk.fill();
    await expect(workspace.run("echo never", { timeoutMs })).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringMatching(/^Nothing can be started, because the disk of .* is full: .* has to free/),
    });
    disk.free();
    expect((await workspace.run("echo works", { timeoutMs })).output).toBe("works\n");
  });

  it("with files that hold nothing is ended too", async () => {
    const { workspace } = await setUp(runner, { files: 20_000 });
    const many = `mkdir -p m; cd m; while :; do i=$((i+1)); touch $i-{0..999}; done`;
    await expect(workspace.run(many, { timeoutMs: 60_000 })).rejects.toMatchObject({
      message: expect.stringMatching(/nearly full: \d+ of 20000 files can still be made, and 2000 are kept/),
    });
    expect(await workspace.run("rm -rf m", { timeoutMs })).toMatchObject({ exitCode: 0 });
  });
});

it.skipIf(missing !== undefined)("a script in the simulated bash that fills the disk is ended", async () => {
  const { workspace } = await setUp(justBashRunner(), { megabytes: 10 });
  const script =
    "x=0123456789abcdef; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do x=$x$x; done; i=0; while true; do echo $x > f$i; i=$((i+1)); done";
  await expect(workspace.run(script, { timeoutMs })).rejects.toMatchObject({ code: "shell.disk-full" });
});

it.skipIf(missing !== undefined)(
  "what runs after the last file was made between two looks can delete some",
  async () => {
    const { workspace, disk } = await setUp(hostRunner(), { files: 4_000 });
    await workspace.run("mkdir many", { timeoutMs });
    const many = join(disk.folder, "one", "many");
    // At once, so that no look of the guard comes between.
    const makeAll = () => {
      for (let n = 0; ; n++) writeFileSync(join(many, String(n)), "");
    };
    expect(makeAll).toThrow(/ENOSPC/);
    await expect(workspace.run("echo never", { timeoutMs })).rejects.toMatchObject({ code: "shell.disk-full" });
    expect(await workspace.run("rm -r many; echo gone", { timeoutMs })).toMatchObject({
      output: "gone\n",
      exitCode: 0,
    });
  },
);

it.skipIf(missing !== undefined)(
  "nothing else than a small volume is given a file that holds the reserve",
  async () => {
    const { disk, workspace } = await setUp(hostRunner());
    await workspace.run("true", { timeoutMs: waitMs });
    expect(await readdir(disk.folder)).toContain(".reserve");
  },
);
