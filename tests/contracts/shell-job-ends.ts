/** How jobs end, and what they read. */
import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { Signal } from "../../core/shells/jobs/job.ts";
import { killJob, lookAtJob, signalJob, writeToJob } from "../../core/shells/jobs/jobs.ts";
import { runInSession } from "../../core/shells/session.ts";
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

  it("can be killed, and so may its program", async () => {
    const program = "trap 'sleep 0.5; echo clean; exit' TERM; echo on; while true; do sleep 0.1; done";
    const id = await running(bench, `bash -c "${program}"; echo never`);
    await eventually(async () => textOf(await lookAtJob(bench.workspace(), id)), "on\n");
    const look = await killJob(bench.workspace(), id);
    expect(look).toMatchObject({ status: "ended", exitCode: 130, killed: true });
    expect(textOf(look)).toMatch(/^on\n(Terminated\n)?clean\n$/);
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

export function signalCases(bench: ShellBench): void {
  const signal = (id: string, name: Signal) => signalJob(bench.workspace(), id, name);
  /** Waits until it has written this, of what else it may have written. */
  const says = (id: string, text: string) =>
    eventually(async () => textOf(await lookAtJob(bench.workspace(), id)).includes(text), true);
  const isBeating = async (file: string) =>
    (await bench.run(`a=$(wc -c < ${file}); sleep 0.5; [ $(wc -c < ${file}) != $a ]`)).exitCode === 0;

  it("hears the signals that it traps, and goes on", async () => {
    const traps = "trap 'echo an INT' INT; trap 'echo a USR1' USR1";
    const id = await running(bench, `${traps}; echo on; until [ -e heard ]; do sleep 0.1; done; exit 7`);
    await says(id, "on\n");
    expect(await signal(id, "INT")).toMatchObject({ status: "running", stopped: false });
    expect(await says(id, "an INT\n")).toBe(true);
    await signal(id, "USR1");
    expect(await says(id, "a USR1\n")).toBe(true);
    await bench.run("touch heard");
    const look = await lookAtJob(bench.workspace(), id, { waitMs });
    expect(look).toMatchObject({ status: "ended", exitCode: 7, killed: false });
    expect(textOf(look).match(/an INT|a USR1/g)).toEqual(["an INT", "a USR1"]);
  });

  it.each(["HUP", "USR2", "INT"] as const)("goes on when its program does after %s", async (name) => {
    const program = `trap 'echo heard' ${name}; echo on; until [ -e over-${name} ]; do sleep 0.1; done; exit 3`;
    const id = await running(bench, `bash -c "${program}"; echo "code $?"`);
    await says(id, "on\n");
    expect((await signal(id, name)).status).toBe("running");
    expect(await says(id, "heard\n")).toBe(true);
    await bench.run(`touch over-${name}`);
    const look = await lookAtJob(bench.workspace(), id, { waitMs });
    expect([look.exitCode, textOf(look).endsWith("code 3\n")]).toEqual([0, true]);
  });

  it.each(["sleep 30; echo next", "while true; do :; done"])("ends with a signal in `%s`", async (command) => {
    const codes = { HUP: 129, INT: 130, KILL: 137, USR1: 138, TERM: 143 };
    const names = Object.keys(codes) as (keyof typeof codes)[];
    const ends = names.map(async (name) => {
      const id = await running(bench, `echo on; ${command}`);
      await says(id, "on\n");
      await signal(id, name);
      return lookAtJob(bench.workspace(), id, { waitMs });
    });
    expect((await Promise.all(ends)).map(({ exitCode, killed }) => [exitCode, killed])).toEqual(
      Object.values(codes).map((code) => [code, false]),
    );
  });

  it("lasts as long as its program needs to answer to TERM", async () => {
    const program = "trap 'sleep 3; echo clean; exit' TERM; echo on; while true; do sleep 0.1; done";
    const id = await running(bench, `bash -c "${program}"`);
    await says(id, "on\n");
    expect((await signal(id, "TERM")).status).toBe("running");
    const look = await lookAtJob(bench.workspace(), id, { waitMs });
    expect([look.exitCode, textOf(look).endsWith("clean\n")]).toEqual([143, true]);
  });

  it("can be stopped and go on", async () => {
    const id = await running(bench, beats("paused"));
    await eventually(async () => (await bench.run("[ -s paused ]; echo $?")).output, "0\n");
    expect(await signal(id, "STOP")).toMatchObject({ status: "running", stopped: true });
    expect(await isBeating("paused")).toBe(false);
    expect(await signal(id, "CONT")).toMatchObject({ status: "running", stopped: false });
    expect(await isBeating("paused")).toBe(true);
    await killJob(bench.workspace(), id);
  });

  it("that is stopped can be killed, may clean up first, and is still ended when out of time", async () => {
    const command = "trap 'echo bye; exit' TERM; echo on; while true; do sleep 0.1; done";
    const id = await running(bench, command);
    const late = await running(bench, command, { timeoutMs: 4_000 });
    await Promise.all([says(id, "on\n"), says(late, "on\n")]);
    await Promise.all([signal(id, "STOP"), signal(late, "STOP")]);
    const killed = await killJob(bench.workspace(), id);
    expect(killed).toMatchObject({ status: "ended", stopped: false, exitCode: 130, killed: true });
    const timedOut = await lookAtJob(bench.workspace(), late, { waitMs });
    expect(timedOut).toMatchObject({ status: "ended", exitCode: 124, timedOut: true });
    expect([killed, timedOut].map((look) => textOf(look).endsWith("bye\n"))).toEqual([true, true]);
  });

  it("that has ended is only looked at", async () => {
    const { id } = await quick(bench, "echo over; exit 4");
    expect(await signal(id, "INT")).toMatchObject({ status: "ended", exitCode: 4, output: { head: "over\n" } });
  });

  it("leaves nothing of that in its session", async () => {
    const session = `s-${randomUUID()}`;
    await quick(bench, "mine() { true; }", { session });
    const look = { session, command: "declare -F", timeoutMs: waitMs };
    const { output } = await runInSession(bench.workspace(), look);
    expect([output.includes("mine"), output.includes("__talaria_signal")]).toEqual([true, false]);
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
