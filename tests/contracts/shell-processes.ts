/** What happens to the processes that a script starts. */
import { expect } from "vitest";
import type { RunOptions } from "../../core/shells/shell.ts";
import { type ShellBench, timeoutMs } from "./shell-bench.ts";

let count = 0;
const newName = (): string => `beats-${(count += 1)}`;

/** Grows a file until a file `stop` lies beside it: whether it does is whether the process lives. */
const beating = (name: string): string =>
  `bash -c 'mkdir -p ${name}; while [ ! -e ${name}/stop ]; do echo x >> ${name}/beats; sleep 0.05; done' >/dev/null 2>&1`;
/** Waits in the script until the process has begun. */
const begun = (name: string): string => `until [ -s ${name}/beats ]; do sleep 0.02; done`;

export function processCases({ run, only, waiting, workspace }: ShellBench): void {
  const lives = async (name: string): Promise<boolean> => {
    const { output } = await run(`a=$(wc -c < ${name}/beats); sleep 0.5; b=$(wc -c < ${name}/beats); echo $((b - a))`);
    return Number(output) > 0;
  };
  const afterScript = async (script: string, options: Partial<RunOptions> = {}): Promise<boolean> => {
    const name = newName();
    await run(script.replaceAll("BEATING", beating(name)).replaceAll("BEGUN", begun(name)), options);
    const isAlive = await lives(name);
    await run(`touch ${name}/stop`);
    return isAlive;
  };

  waiting("processes", () => {
    only("programs")("can outlive their script, and the backend says so", () => {
      expect(workspace().keepsProcesses).toBe(true);
    });

    only("programs")("end with their script", async () => {
      expect(await afterScript("BEATING & BEGUN")).toBe(false);
    });

    only("new-sessions")("end with their script in a session of their own too", async () => {
      expect(await afterScript("setsid BEATING & BEGUN")).toBe(false);
    });

    only("new-sessions")("end with their script when their parent is gone", async () => {
      expect(await afterScript("(setsid BEATING &) ; BEGUN")).toBe(false);
    });

    only("programs")("end with their script when they ignore what can be ignored", async () => {
      expect(await afterScript("(trap '' TERM HUP INT; BEATING) & BEGUN")).toBe(false);
    });

    only("new-sessions")("end at the time-out, whatever they did to get away", async () => {
      expect(await afterScript("(setsid BEATING &) ; BEGUN; sleep 30", { timeoutMs: 1_500 })).toBe(false);
    });

    only("programs")("outlive their script in a session of their own", async () => {
      expect(await afterScript("setsid BEATING & BEGUN", { outlives: true })).toBe(true);
    });

    only("own-session")("end with a script that may be outlived when they are in its session", async () => {
      expect(await afterScript("BEATING & BEGUN", { outlives: true })).toBe(false);
    });

    only("new-sessions")("end at the time-out of a script that could have been outlived", async () => {
      expect(await afterScript("setsid BEATING & BEGUN; sleep 30", { outlives: true, timeoutMs: 1_500 })).toBe(false);
    });

    only("programs")("do not hold up the script that they outlive by holding its output", async () => {
      const name = newName();
      const script = `setsid bash -c 'until [ -e ${name} ]; do sleep 0.05; done; echo late' & echo started`;
      expect(await run(script, { outlives: true })).toMatchObject({
        output: "started\n",
        exitCode: 0,
        timedOut: false,
      });
      await run(`touch ${name}`);
    });

    only("programs")("are not ended by another script's end, time-out or interrupt", async () => {
      const name = newName();
      await run(`setsid ${beating(name)} & ${begun(name)}`, { outlives: true });
      const interrupt = new AbortController();
      const interrupted = run("sleep 30", { signal: interrupt.signal });
      await run("true");
      await run("sleep 30", { timeoutMs: 300 });
      interrupt.abort();
      await interrupted;
      expect(await lives(name)).toBe(true);
      await run(`touch ${name}/stop`);
    });

    only("programs")("end when their script is interrupted, and what it wrote is kept", async () => {
      const name = newName();
      const interrupt = new AbortController();
      const running = run(`${beating(name)} & ${begun(name)}; echo begun; touch ${name}/said; sleep 30`, {
        signal: interrupt.signal,
      });
      await run(`until [ -e ${name}/said ]; do sleep 0.02; done`);
      interrupt.abort();
      expect(await running).toMatchObject({ exitCode: 130, interrupted: true, timedOut: false, output: "begun\n" });
      expect(await lives(name)).toBe(false);
    });

    only("programs")("of another script go on when one is ended", async () => {
      const other = run("sleep 1.5; echo whole");
      await run("sleep 30", { timeoutMs: 300 });
      expect(await other).toMatchObject({ output: "whole\n", exitCode: 0 });
    });

    only("programs")("answer to an interrupt as they would at a terminal", async () => {
      const { output, exitCode } = await run("trap 'echo caught' INT; kill -INT $$; bash -c 'kill -INT $$'; echo $?");
      expect({ output, exitCode }).toEqual({ output: "caught\n130\n", exitCode: 0 });
    });

    only("programs")("give the code of the signal that ended the script", async () => {
      expect(await run("echo before; kill -TERM $$", { timeoutMs })).toMatchObject({
        output: "before\n",
        exitCode: 143,
        timedOut: false,
        interrupted: false,
      });
    });
  });
}
