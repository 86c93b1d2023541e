/** How much a script may write and how long it may run. */
import { describe, expect, it } from "vitest";
import { maxOutputBytes } from "../../core/shells/shell.ts";
import { type ShellBench } from "./shell-bench.ts";

export function boundsCases({ run, only }: ShellBench): void {
  describe("bounds", () => {
    it("keeps the two ends of a long output and counts the rest", async () => {
      const result = await run("seq 1 1000000");
      expect(result.droppedBytes).toBe(6_888_896 - maxOutputBytes);
      expect(result.output.startsWith("1\n2\n3\n")).toBe(true);
      expect(result.output.endsWith("999999\n1000000\n")).toBe(true);
      expect(Buffer.byteLength(result.output)).toBe(maxOutputBytes);
    });

    only("programs")(
      "holds flat memory for an output that has no end",
      async () => {
        const before = process.memoryUsage().rss;
        const result = await run("head -c 120000000 /dev/zero", { timeoutMs: 60_000 });
        expect(result.droppedBytes).toBe(120_000_000 - maxOutputBytes);
        expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000);
      },
      70_000,
    );

    it("ends a script at its time-out with 124", async () => {
      const started = performance.now();
      expect(await run("sleep 30; echo late", { timeoutMs: 300 })).toMatchObject({
        exitCode: 124,
        timedOut: true,
        interrupted: false,
      });
      expect(performance.now() - started).toBeLessThan(5_000);
    });

    it("ends a busy loop at its time-out", async () => {
      expect(await run("while true; do :; done", { timeoutMs: 500 })).toMatchObject({
        exitCode: 124,
        timedOut: true,
      });
    });

    only("partial-output")("keeps what was written before the time-out", async () => {
      expect((await run("echo early; sleep 30", { timeoutMs: 2_000 })).output).toBe("early\n");
    });

    only("programs")("ends the children of a script that is out of time", async () => {
      await run("(while true; do echo x >> beats; sleep 0.05; done) & sleep 30", { timeoutMs: 1_500 });
      const beats = (await run("wc -l < beats")).output;
      expect(Number(beats)).toBeGreaterThan(0);
      expect((await run("sleep 0.3; wc -l < beats")).output).toBe(beats);
    });

    only("programs")("ends background processes with their script and does not wait for them", async () => {
      const started = performance.now();
      expect((await run("sleep 30 & echo started")).output).toBe("started\n");
      expect(performance.now() - started).toBeLessThan(5_000);
    });

    it("ends a script when it is interrupted, with 130", async () => {
      const controller = new AbortController();
      const running = run("sleep 30", { signal: controller.signal });
      controller.abort();
      expect(await running).toMatchObject({ exitCode: 130, interrupted: true, timedOut: false });
    });

    only("programs")("ends no more than the script when that had begun", async () => {
      const controller = new AbortController();
      const running = run("echo started > begun; sleep 60", { signal: controller.signal });
      await expect.poll(async () => (await run("cat begun 2>/dev/null")).output, { timeout: 20_000 }).toBe("started\n");
      controller.abort();
      expect(await running).toMatchObject({ exitCode: 130, interrupted: true });
      expect((await run("cat begun")).output).toBe("started\n");
    });

    it("does not start when it was interrupted before", async () => {
      const result = await run("echo started > interrupted-before", { signal: AbortSignal.abort() });
      expect(result).toMatchObject({ exitCode: 130, interrupted: true });
      expect((await run("cat interrupted-before || echo untouched")).output).toContain("untouched");
    });

    only("programs")("ends a flood of output at its time-out", async () => {
      const result = await run("yes", { timeoutMs: 1_000 });
      expect(result).toMatchObject({ exitCode: 124, timedOut: true });
      expect(result.output.startsWith("y\ny\n")).toBe(true);
      expect(Buffer.byteLength(result.output)).toBeLessThanOrEqual(maxOutputBytes);
    });

    only("programs")("ends a flood of output when it is interrupted", async () => {
      const controller = new AbortController();
      const running = run("touch flooding; yes", { signal: controller.signal });
      await run("until [ -e flooding ]; do sleep 0.02; done");
      controller.abort();
      expect(await running).toMatchObject({ exitCode: 130, interrupted: true });
    });

    it("has no time at all when it is given none", async () => {
      expect(await run("sleep 30", { timeoutMs: 1 })).toMatchObject({ exitCode: 124, timedOut: true });
    });

    it("works again after a time-out", async () => {
      await run("sleep 30", { timeoutMs: 200 });
      expect((await run("echo again")).output).toBe("again\n");
    });
  });
}
