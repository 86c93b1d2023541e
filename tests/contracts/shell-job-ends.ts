/** How jobs end, and what they read. */
import { expect, it } from "vitest";
import { killJob, lookAtJob, writeToJob } from "../../core/shells/jobs/jobs.ts";
import type { ShellBench } from "./shell-bench.ts";
import { eventually, quick, running, textOf, waitMs } from "./shell-job-bench.ts";

/** Writes a line into this file again and again, so that one sees whether it is still there. */
const beats = (file: string) => `while true; do echo x >> ${file}; sleep 0.05; done`;

export function endingCases(bench: ShellBench): void {
  const stands = async (file: string) => {
    const { output } = await bench.run(`wc -l < ${file}; sleep 0.4; wc -l < ${file}`);
    const [before, after] = output.trim().split(/\s+/).map(Number);
    return before === after && (before ?? 0) > 0;
  };

  it("out of time is ended with its children, with 124", async () => {
    const look = await quick(bench, `echo early; (${beats("timed")}) & sleep 30`, { timeoutMs: 1_000 });
    expect(look).toMatchObject({ exitCode: 124, timedOut: true, killed: false, output: { head: "early\n" } });
    expect(await stands("timed")).toBe(true);
  });

  it("can be killed, and may clean up first", async () => {
    const id = await running(bench, "trap 'echo bye; exit 5' TERM; echo on; while true; do sleep 0.1; done");
    await eventually(async () => textOf(await lookAtJob(bench.workspace(), id)), "on\n");
    const look = await killJob(bench.workspace(), id);
    expect(look).toMatchObject({ status: "ended", exitCode: 130, killed: true });
    expect(textOf(look)).toMatch(/^on\n(Terminated\n)?bye\n$/);
  });

  it("that does not want to end is ended, wherever its processes went", async () => {
    const command = `trap '' TERM; setsid bash -c "trap '' TERM; ${beats("stubborn")}" & ${beats("stubborn-too")}`;
    const id = await running(bench, command);
    await eventually(async () => (await bench.run("[ -s stubborn ] && [ -s stubborn-too ]; echo $?")).output, "0\n");
    expect(await killJob(bench.workspace(), id)).toMatchObject({ status: "ended", killed: true });
    expect([await stands("stubborn"), await stands("stubborn-too")]).toEqual([true, true]);
  });

  it("takes along what it left in its group", async () => {
    const look = await quick(bench, `(${beats("left")}) & until [ -s left ]; do sleep 0.05; done; echo over`);
    expect([look.exitCode, textOf(look)]).toEqual([0, "over\n"]);
    expect(await stands("left")).toBe(true);
  });

  it("is killed when whoever waits for its start is interrupted", async () => {
    const controller = new AbortController();
    const look = quick(bench, beats("interrupted"), { signal: controller.signal });
    await eventually(async () => (await bench.run("[ -s interrupted ]; echo $?")).output, "0\n");
    controller.abort();
    expect(await look).toMatchObject({ status: "ended", exitCode: 130, killed: true });
    expect(await stands("interrupted")).toBe(true);
  });

  it("that is interrupted while it is being started ends too", async () => {
    const controller = new AbortController();
    const look = quick(bench, "sleep 30", { signal: controller.signal });
    controller.abort();
    expect(await look).toMatchObject({ status: "ended", exitCode: 130, killed: true });
  });

  it("does not start when it was interrupted before", async () => {
    expect(await quick(bench, "touch never", { signal: AbortSignal.abort() })).toMatchObject({ exitCode: 130 });
    expect((await bench.run("ls never 2>/dev/null; echo end")).output).toBe("end\n");
  });
}

export function inputCases(bench: ShellBench): void {
  it("reads what is written to it until its input is closed", async () => {
    const id = await running(bench, 'while read -r line; do echo "[$line]"; done; echo end', { takesInput: true });
    expect(await writeToJob(bench.workspace(), id, { data: "one\nit's $2 ž\n" })).toBe("written");
    await eventually(async () => textOf(await lookAtJob(bench.workspace(), id)), "[one]\n[it's $2 ž]\n");
    expect(await writeToJob(bench.workspace(), id, { data: "three\n", close: true })).toBe("written");
    expect(textOf(await lookAtJob(bench.workspace(), id, { waitMs }))).toBe("[one]\n[it's $2 ž]\n[three]\nend\n");
    expect(await writeToJob(bench.workspace(), id, { data: "late\n" })).toBe("ended");
  });

  it("says when there is no input to write to", async () => {
    const id = await running(bench, "sleep 30");
    expect(await writeToJob(bench.workspace(), id, { data: "x" })).toBe("closed");
    await killJob(bench.workspace(), id);
    const closed = await running(bench, "sleep 30", { takesInput: true });
    expect(await writeToJob(bench.workspace(), closed, { data: "", close: true })).toBe("written");
    expect(await writeToJob(bench.workspace(), closed, { data: "x" })).toBe("closed");
    await killJob(bench.workspace(), closed);
  });
}
