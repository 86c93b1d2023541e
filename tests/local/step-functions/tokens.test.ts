import { SendTaskFailureCommand, SendTaskHeartbeatCommand, SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, it } from "vitest";
import { boot, failWith, outcome, pass, tokenTask, until, type Booted } from "./support.ts";
import { turnedClock } from "./turned-clock.ts";

const clock = turnedClock();
const handed: string[] = [];
let booted: Booted;

beforeAll(async () => {
  booted = await boot({
    clock,
    functions: {
      keep: (payload) => {
        handed.push((payload as { token: string }).token);
        return null;
      },
      answer: async (payload) => {
        const { token } = payload as { token: string };
        await booted.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"by":"itself"}' }));
        return null;
      },
      broken: () => failWith("Refused"),
    },
  });
});
afterAll(() => booted.close());

const nextToken = () => until(() => handed.shift());
const succeed = (taskToken: string, output: string) =>
  booted.sfn.send(new SendTaskSuccessCommand({ taskToken, output }));

it("accepts an answer while the function that gives it still runs", async () => {
  expect(await booted.run({ Ask: tokenTask("answer") })).toEqual({ by: "itself" });
});

it("ends the Task with the output that is sent, once", async () => {
  const arn = await booted.begin({ Ask: tokenTask("keep") });
  const token = await nextToken();
  await succeed(token, '{"n":1}');
  await expect(succeed(token, '{"n":2}')).rejects.toMatchObject({ name: "TaskTimedOut" });
  expect(outcome(await booted.ended(arn))).toEqual({ n: 1 });
});

it("ends the Task with the failure that is sent", async () => {
  const arn = await booted.begin({ Ask: tokenTask("keep") });
  const taskToken = await nextToken();
  await booted.sfn.send(new SendTaskFailureCommand({ taskToken, error: "Denied", cause: "by a person" }));
  expect(outcome(await booted.ended(arn))).toEqual({ status: "FAILED", error: "Denied", cause: "by a person" });
});

it("fails the Task when the call that hands the token out fails", async () => {
  expect(await booted.run({ Ask: tokenTask("broken") })).toMatchObject({ error: "Refused" });
});

it("times out without a heartbeat, and not while heartbeats come", async () => {
  const Catch = [{ ErrorEquals: ["States.HeartbeatTimeout"], Output: "silent", Next: "Caught" }];
  const ask = tokenTask("keep", { HeartbeatSeconds: 10, Catch });
  const arn = await booted.begin({ Ask: ask, Caught: { Type: "Pass", End: true } });
  const taskToken = await nextToken();
  for (let beat = 0; beat < 3; beat += 1) {
    await until(() => clock.sleeping().includes(10_000) || undefined);
    clock.turn(9_000);
    await booted.sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
  }
  await until(() => clock.sleeping().includes(10_000) || undefined);
  clock.turn(10_000);
  expect(outcome(await booted.ended(arn))).toBe("silent");
});

it("times out when nobody answers, and refuses the late answer", async () => {
  const arn = await booted.begin({ Ask: tokenTask("keep", { TimeoutSeconds: 60 }) });
  const token = await nextToken();
  await until(() => clock.sleeping().includes(60_000) || undefined);
  clock.turn(60_000);
  expect(outcome(await booted.ended(arn))).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  await expect(succeed(token, "1")).rejects.toMatchObject({ name: "TaskTimedOut" });
});

it("refuses what is no token and what is no JSON", async () => {
  await expect(succeed("nonsense", "1")).rejects.toMatchObject({ name: "InvalidToken" });
  const arn = await booted.begin({ Ask: tokenTask("keep"), Next: pass(1) });
  const token = await nextToken();
  await expect(succeed(token, "{")).rejects.toMatchObject({ name: "InvalidOutput" });
  await succeed(token, "1");
  await booted.ended(arn);
});
