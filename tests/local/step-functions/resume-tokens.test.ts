import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { beforeEach, expect, it } from "vitest";
import { createStepFunctions } from "../../../local/step-functions/index.ts";
import { restartable } from "./restartable.ts";
import { outcome, pass, scriptedLambda, tokenTask, until } from "./support.ts";

const here = restartable();

/** Keeps the tokens it is handed, for the test to answer. */
const handed: string[] = [];
const keep = (payload: unknown) => {
  handed.push((payload as { token: string }).token);
  return null;
};
beforeEach(() => void handed.splice(0));

it("keeps a token and its deadline, and does not hand it out twice", async () => {
  await here.start({ keep });
  const arns = [
    await here.booted.begin({ Ask: tokenTask("keep") }),
    await here.booted.begin({ Ask: tokenTask("keep") }),
  ];
  await until(() => handed.length === 2 || undefined);
  await until(() => here.clock.sleeping().length === 2 || undefined);
  here.clock.turn(200_000);
  await here.start({ keep });
  await here.booted.sfn.send(new SendTaskSuccessCommand({ taskToken: handed[0] ?? "", output: '"late"' }));
  expect(outcome(await here.booted.ended(arns[0] ?? ""))).toBe("late");
  await here.asleep(400_000);
  here.clock.turn(400_000);
  expect(outcome(await here.booted.ended(arns[1] ?? ""))).toMatchObject({ error: "States.Timeout" });
  expect(handed).toHaveLength(2);
});

it("hands the same token out again when the call had not returned", async () => {
  await here.start({
    keep: (payload, signal) => {
      keep(payload);
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(null)));
    },
  });
  const arn = await here.booted.begin({ Ask: tokenTask("keep") });
  await until(() => handed.length > 0 || undefined);
  await here.start({ keep });
  await until(() => handed.length > 1 || undefined);
  expect(handed[1]).toBe(handed[0]);
  await here.booted.sfn.send(new SendTaskSuccessCommand({ taskToken: handed[0] ?? "", output: "1" }));
  await here.booted.ended(arn);
});

it("hands a token that is answered out no more, even when the call had not returned", async () => {
  const seen = { calls: 0, token: "" };
  const answered = async (payload: unknown, signal: AbortSignal) => {
    seen.calls += 1;
    seen.token = (payload as { token: string }).token;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return null;
  };
  await here.start({ answered });
  const states = { Ask: tokenTask("answered", { End: undefined, Next: "Then" }), Then: pass("{% $states.input %}") };
  const arn = await here.booted.begin(states);
  await until(() => seen.token !== "" || undefined);
  await here.booted.engine.close();
  const journal = join(here.folder, "running", readdirSync(join(here.folder, "running"))[0] ?? "");
  appendFileSync(journal, '{"kind":"answer","path":[],"answer":{"output":"kept"}}\n');
  await here.start({ answered });
  expect(outcome(await here.booted.ended(arn))).toBe("kept");
  expect(seen.calls).toBe(1);
});

it("counts no heartbeat as missed while it was down", async () => {
  await here.start({ keep });
  const arn = await here.booted.begin({ Ask: tokenTask("keep", { HeartbeatSeconds: 10 }) });
  await until(() => handed.length > 0 || undefined);
  await here.booted.engine.close();
  here.clock.turn(100_000);
  await here.start({ keep });
  await here.asleep(10_000);
  await here.booted.sfn.send(new SendTaskSuccessCommand({ taskToken: handed[0] ?? "", output: "1" }));
  expect(outcome(await here.booted.ended(arn))).toBe(1);
});

it("accepts an answer in the same moment in which it has started", async () => {
  await here.start({ keep });
  const executionArn = await here.booted.begin({ Ask: tokenTask("keep") });
  const taskToken = await until(() => handed[0]);
  await here.booted.engine.close();
  const { folder, clock } = here;
  const engine = createStepFunctions({ folder, clock, invokeLambda: scriptedLambda({ keep }) });
  await engine.start();
  await engine.operations.sendTaskSuccess({ taskToken, output: "1" });
  const ended = await until(async () => {
    const described = await engine.operations.describeExecution({ executionArn });
    return described.status === "RUNNING" ? undefined : described;
  });
  expect(ended).toMatchObject({ status: "SUCCEEDED", output: "1" });
  await engine.close();
});
