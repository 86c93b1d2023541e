import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { StatusChange } from "../../../local/step-functions/index.ts";
import { restartable } from "./restartable.ts";
import { boot, machine, pass, until } from "./support.ts";

const here = restartable();

it("tells a listener again that had not finished when the process ended", async () => {
  const told: StatusChange[] = [];
  const onStatusChange = (change: StatusChange) => {
    told.push(change);
    return told.length === 1 ? new Promise<void>(() => {}) : undefined;
  };
  await here.start({}, { onStatusChange });
  const states = { Stop: { Type: "Fail", Error: "Boom", Cause: "because" } };
  const arn = await here.booted.begin(states, { a: 1 });
  await here.booted.ended(arn);
  await until(() => told.length === 1 || undefined);
  await here.start({}, { onStatusChange });
  await until(() => told.length === 2 || undefined);
  await here.start({}, { onStatusChange });
  expect(told).toHaveLength(2);
  expect(told[1]).toMatchObject({
    executionArn: arn,
    status: "FAILED",
    input: '{"a":1}',
    error: "Boom",
    cause: "because",
  });
  expect(here.booted.resumed).toBe(0);
});

it("remembers machines, ended executions and their histories", async () => {
  await here.start();
  const arn = await here.booted.begin({ A: pass({ x: 1 }) }, { in: 1 });
  await here.booted.ended(arn);
  await here.start();
  const described = await here.booted.engine.operations.describeExecution({ executionArn: arn });
  expect(described).toMatchObject({ status: "SUCCEEDED", input: '{"in":1}', output: '{"x":1}' });
  const { events } = await here.booted.engine.operations.getExecutionHistory({ executionArn: arn });
  expect(events.at(-1)?.type).toBe("ExecutionSucceeded");
  const { stateMachines } = await here.booted.engine.operations.listStateMachines({});
  expect(stateMachines).toHaveLength(1);
});

it("forgets a start of which a power cut left no journal, so that it can be made again", async () => {
  await here.start();
  const machineArn = await here.booted.create(machine({ Nap: { Type: "Wait", Seconds: 100, End: true } }));
  const arn = await here.booted.start(machineArn, {}, "lost");
  await here.booted.engine.close();
  const journals = join(here.folder, "running");
  for (const name of readdirSync(journals)) writeFileSync(join(journals, name), "");
  await here.start();
  expect(here.booted.resumed).toBe(0);
  const lost = here.booted.engine.operations.describeExecution({ executionArn: arn });
  await expect(lost).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
  await here.booted.start(machineArn, { other: "input" }, "lost");
  await here.asleep(100_000);
  here.clock.turn(100_000);
  expect((await here.booted.ended(arn)).status).toBe("SUCCEEDED");
});

it("keeps the histories of the latest 500 to 600 executions and the record of all", async () => {
  await here.start();
  const arn = await here.booted.create(machine({ A: pass(1) }));
  const { operations } = here.booted.engine;
  for (let index = 0; index < 650; index += 1)
    await operations.startExecution({ stateMachineArn: arn, name: `n${index}` });
  await until(() => readdirSync(join(here.folder, "running")).length === 0 || undefined);
  const kept = () => readdirSync(join(here.folder, "finished")).length;
  await until(() => kept() < 600 || undefined);
  expect(kept()).toBeGreaterThanOrEqual(500);
  const first = await operations.describeExecution({ executionArn: arn.replace("stateMachine", "execution") + ":n0" });
  expect(first.status).toBe("SUCCEEDED");
});

it("lets a listener take its time beyond the end of the engine", async () => {
  const unhandled: unknown[] = [];
  const collect = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", collect);
  const listener: { finish?: () => void } = {};
  const onStatusChange = () => new Promise<void>((resolve) => (listener.finish = resolve));
  const booted = await boot({ onStatusChange });
  await booted.ended(await booted.begin({ A: pass(1) }));
  const finish = await until(() => listener.finish);
  await booted.close();
  finish();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", collect);
  expect(unhandled).toEqual([]);
});
