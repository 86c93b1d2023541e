/** Commands that may outlive the call that started them: for every backend with `keepsProcesses`. */
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { killJob, listJobs, lookAtJob, signalJob, startJob } from "../../core/shells/jobs/jobs.ts";
import { runInSession } from "../../core/shells/session.ts";
import { type ShellBench, timeoutMs } from "./shell-bench.ts";
import { eventually, jobOf, quick, running, textOf, waitMs } from "./shell-job-bench.ts";
import { endingCases, inputCases, signalCases } from "./shell-job-ends.ts";
import { listCases, outputCases, ringCases } from "./shell-job-output.ts";

export function jobCases(bench: ShellBench): void {
  bench.waiting("a job", () => {
    quickCases(bench);
    sessionCases(bench);
    longCases(bench);
    endingCases(bench);
    signalCases(bench);
    inputCases(bench);
    outputCases(bench);
    ringCases(bench);
  });
  describe("a job", () => {
    listCases(bench);
  });
}

function quickCases(bench: ShellBench): void {
  it("that is quick comes back with all there is to say", async () => {
    expect(await quick(bench, "echo out; echo err >&2; echo again; exit 3")).toMatchObject({
      status: "ended",
      exitCode: 3,
      timedOut: false,
      killed: false,
      output: { head: "out\nerr\nagain\n", tail: "", totalBytes: 14, omittedBytes: 0 },
    });
  });

  it("that says nothing has an empty output", async () => {
    expect(await quick(bench, "true")).toMatchObject({ exitCode: 0, output: { head: "", totalBytes: 0 } });
  });

  it("has an empty input when it takes none", async () => {
    expect(textOf(await quick(bench, "cat; echo end"))).toBe("end\n");
  });

  it("can open its outputs again by name", async () => {
    expect(textOf(await quick(bench, "echo b > /dev/stdout; echo c > /dev/stderr"))).toBe("b\nc\n");
  });

  it("sees none of what runs it", async () => {
    // Without a pipe, whose ends bash would have open itself.
    const open = 'for fd in /proc/$$/fd/*; do printf "%s " "${fd##*/}"; done';
    const output = textOf(await quick(bench, `${open}; env | grep -c -e __talaria -e talaria/jobs -e '^SHELL='`));
    expect(output).toMatch(/^0 1 2 (3 )?(255 )?0\n$/);
  });

  it("takes a command longer than a command line may be", async () => {
    expect(textOf(await quick(bench, `text=${"y".repeat(300_000)}; echo \${#text}`))).toBe("300000\n");
  });

  it("is forgotten when that was wished and it wrote little", async () => {
    const { id } = await quick(bench, "echo little", { forgetsUpTo: 100 });
    const kept = await quick(bench, "seq 1 1000", { forgetsUpTo: 100 });
    const ids = (await listJobs(bench.workspace())).map((job) => job.id);
    expect([ids.includes(id), ids.includes(kept.id)]).toEqual([false, true]);
  });

  it("runs beside others", async () => {
    const looks = await Promise.all([1, 2, 3, 4].map((n) => quick(bench, `sleep 0.2; echo ${n}`)));
    expect(looks.map(textOf)).toEqual(["1\n", "2\n", "3\n", "4\n"]);
  });

  it.each(["", "../x", "a b", "x".repeat(129)])("is refused with the id %j", async (id) => {
    await expect(quick(bench, "true", { id })).rejects.toMatchObject({ kind: "refused" });
    await expect(lookAtJob(bench.workspace(), id)).rejects.toMatchObject({ kind: "refused" });
  });
}

function sessionCases(bench: ShellBench): void {
  it("shares environment and cwd with its session, and says when it changed the cwd", async () => {
    const session = `s-${randomUUID()}`;
    const moved = await quick(bench, "export WHO='it is me'; mkdir -p moved; cd moved", { session });
    expect(moved.cwdChanged).toBe(true);
    expect(moved.cwd).toMatch(/\/moved$/);
    const command = { session, command: 'echo "$WHO ${PWD##*/}"', timeoutMs };
    expect((await runInSession(bench.workspace(), command)).output).toBe("it is me moved\n");
  });

  it("leaves the session as it was when it does not save", async () => {
    const session = `s-${randomUUID()}`;
    await quick(bench, "export A=1; mkdir -p kept; cd kept", { session });
    const look = await quick(bench, 'echo "$A ${PWD##*/}"; export A=2; cd /', { session, savesSession: false });
    expect([textOf(look), look.cwd]).toEqual(["1 kept\n", undefined]);
    expect(textOf(await quick(bench, 'echo "$A ${PWD##*/}"', { session }))).toBe("1 kept\n");
  });

  it("runs in its workdir, and not at all where there is none", async () => {
    await bench.run("mkdir -p 'the workdir'");
    expect(textOf(await quick(bench, 'echo "${PWD##*/}"', { workdir: "~/the workdir" }))).toBe("the workdir\n");
    const missing = await quick(bench, "echo ran", { workdir: "no/such" });
    expect([missing.exitCode, textOf(missing)]).toEqual([126, expect.stringContaining("does not exist")]);
  });

  it("that is killed leaves its session as it was", async () => {
    const session = `s-${randomUUID()}`;
    await quick(bench, "export STATE=before", { session });
    const killed = await quick(bench, "export STATE=after; cd /; sleep 30", { session, timeoutMs: 1_000 });
    expect(killed).toMatchObject({ exitCode: 124, timedOut: true, cwdChanged: false });
    expect(textOf(await quick(bench, 'echo "$STATE ${PWD##*/}"; echo "${HOME##*/}"', { session }))).toMatch(
      /^before (.*)\n\1\n$/,
    );
  });
}

function longCases(bench: ShellBench): void {
  it("goes on after the call that started it, and can be looked at", async () => {
    const id = await running(bench, "echo first; until [ -e go-on ]; do sleep 0.05; done; echo second; exit 7");
    await eventually(async () => textOf(await lookAtJob(bench.workspace(), id)), "first\n");
    await bench.run("touch go-on");
    const look = await lookAtJob(bench.workspace(), id, { waitMs });
    expect(look).toMatchObject({ status: "ended", exitCode: 7, output: { head: "first\nsecond\n" } });
  });

  it("is waited for no longer than was asked", async () => {
    const job = jobOf("sleep 30");
    expect((await startJob(bench.workspace(), job, { waitMs: 300 })).status).toBe("running");
    expect((await lookAtJob(bench.workspace(), job.id, { waitMs: 300 })).status).toBe("running");
    await killJob(bench.workspace(), job.id);
  });

  it("can be waited for by several at once", async () => {
    const id = await running(bench, "sleep 0.5; echo done");
    const looks = await Promise.all([1, 2, 3].map(() => lookAtJob(bench.workspace(), id, { waitMs })));
    expect(looks.map(textOf)).toEqual(["done\n", "done\n", "done\n"]);
  });

  it("goes on when only the wait for it is interrupted", async () => {
    const id = await running(bench, "sleep 30");
    const controller = new AbortController();
    const look = lookAtJob(bench.workspace(), id, { waitMs, signal: controller.signal });
    controller.abort();
    expect((await look).status).toBe("running");
    await killJob(bench.workspace(), id);
  });

  it("is lost when nobody is left who could say how it ended", async () => {
    const killer = "read -r _ _ _ parent _ < /proc/$PPID/stat; kill -9 $parent; sleep 30";
    const look = await quick(bench, killer);
    expect(look).toMatchObject({ status: "lost", exitCode: undefined });
    expect((await listJobs(bench.workspace())).find(({ id }) => id === look.id)?.status).toBe("lost");
    expect((await signalJob(bench.workspace(), look.id, "INT")).status).toBe("lost");
  });

  it("that nobody knows is lost", async () => {
    expect(await lookAtJob(bench.workspace(), "job_unknown")).toMatchObject({ status: "lost", output: { head: "" } });
    expect(await killJob(bench.workspace(), "job_unknown")).toMatchObject({ status: "lost" });
    expect(await signalJob(bench.workspace(), "job_unknown", "INT")).toMatchObject({ status: "lost" });
    expect((await listJobs(bench.workspace())).map(({ id }) => id)).not.toContain("job_unknown");
  });
}
