import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { restartable } from "./restartable.ts";
import { failWith, invoke, machine, outcome, until } from "./support.ts";

const here = restartable();

it("waits for the rest of a Wait, not anew", async () => {
  await here.start();
  const arn = await here.booted.begin({ Nap: { Type: "Wait", Seconds: 100, End: true } });
  await here.asleep(100_000);
  here.clock.turn(40_000);
  await here.start();
  expect(here.booted.resumed).toBe(1);
  await here.asleep(60_000);
  here.clock.turn(60_000);
  expect((await here.booted.ended(arn)).status).toBe("SUCCEEDED");
});

it("finds the nested execution again that it had started", async () => {
  await here.start();
  const child = await here.booted.create(machine({ Nap: { Type: "Wait", Seconds: 100, Output: "woke", End: true } }));
  const Resource = "arn:aws:states:::states:startExecution.sync:2";
  const Arguments = { StateMachineArn: child, Input: {} };
  const parent = await here.booted.begin({
    Start: { Type: "Task", Resource, Arguments, Output: "{% $states.result.Output %}", End: true },
  });
  await here.asleep(100_000);
  await here.start();
  expect(here.booted.resumed).toBe(2);
  await here.asleep(100_000);
  here.clock.turn(100_000);
  expect(outcome(await here.booted.ended(parent))).toBe("woke");
  const { executions } = await here.booted.engine.operations.listExecutions({ stateMachineArn: child });
  expect(executions).toHaveLength(1);
});

it("ends an execution whose machine's time-out passed while it was down, without running anything", async () => {
  const calls = { count: 0 };
  const hang = (_: unknown, signal: AbortSignal) => {
    calls.count += 1;
    return new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null)));
  };
  await here.start({ hang });
  const extra = { TimeoutSeconds: 50 };
  const arns = [
    await here.booted.begin({ Try: invoke("hang", {}) }, {}, extra),
    await here.booted.begin({ Nap: { Type: "Wait", Seconds: 900, End: true } }, {}, { TimeoutSeconds: 80 }),
  ];
  await until(() => calls.count === 1 || undefined);
  await here.booted.engine.close();
  here.clock.turn(60_000);
  await here.start({ hang });
  expect(outcome(await here.booted.ended(arns[0] ?? ""))).toMatchObject({ status: "TIMED_OUT" });
  expect(calls.count).toBe(1);
  await here.asleep(20_000);
  here.clock.turn(20_000);
  expect(outcome(await here.booted.ended(arns[1] ?? ""))).toMatchObject({ status: "TIMED_OUT" });
});

it("remembers how many retries are spent and when the next is due", async () => {
  const calls = { count: 0 };
  const flaky = () => {
    calls.count += 1;
    return failWith("Broken");
  };
  await here.start({ flaky });
  const Retry = [{ ErrorEquals: ["Broken"], IntervalSeconds: 10, BackoffRate: 1, MaxAttempts: 2 }];
  const arn = await here.booted.begin({ Try: invoke("flaky", {}, { Retry }) });
  await here.asleep(10_000);
  here.clock.turn(4_000);
  await here.start({ flaky });
  await here.asleep(6_000);
  here.clock.turn(6_000);
  await here.asleep(10_000);
  await here.start({ flaky });
  await here.asleep(10_000);
  here.clock.turn(10_000);
  expect(outcome(await here.booted.ended(arn))).toMatchObject({ status: "FAILED", error: "Broken" });
  expect(calls.count).toBe(3);
});

it("ignores a half-written last line, and writes on behind it", async () => {
  await here.start();
  const states = {
    Nap: { Type: "Wait", Seconds: 100, Next: "Again" },
    Again: { Type: "Wait", Seconds: 50, End: true },
  };
  const arn = await here.booted.begin(states);
  await here.asleep(100_000);
  await here.booted.engine.close();
  const journals = join(here.folder, "running");
  appendFileSync(join(journals, readdirSync(journals)[0] ?? ""), '{"kind":"enter","path":[],"state":"Ag');
  await here.start();
  await here.asleep(100_000);
  here.clock.turn(100_000);
  await here.asleep(50_000);
  here.clock.turn(20_000);
  await here.start();
  await here.asleep(30_000);
  here.clock.turn(30_000);
  expect((await here.booted.ended(arn)).status).toBe("SUCCEEDED");
});
