import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { expect, it, onTestFinished } from "vitest";
import { mountSmallDisk, smallDiskMissing } from "../../support/small-disk.ts";
import { boot, invoke, outcome, until } from "./support.ts";

const missing = smallDiskMissing();
if (missing !== undefined) console.log(`skipped: an engine on a full disk, since ${missing}`);

const resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";

const setUp = async () => {
  const disk = mountSmallDisk(4);
  const tokens: string[] = [];
  const ask = (payload: unknown) => {
    tokens.push((payload as { token: string }).token);
    return null;
  };
  const booted = await boot({ folder: disk.folder, functions: { ask } });
  onTestFinished(async () => {
    await booted.close();
    disk.remove();
  });
  const states = {
    Ask: invoke(
      "ask",
      { token: "{% $states.context.Task.Token %}" },
      { Resource: resource, Output: "{% $states.result %}" },
    ),
  };
  return { disk, tokens, booted, states };
};

it.skipIf(missing !== undefined)("takes an answer for a task again when the disk was full for it", async () => {
  const { disk, tokens, booted, states } = await setUp();
  const execution = await booted.begin(states);
  const taskToken = await until(() => tokens[0]);
  disk.fill();
  const answer = () =>
    booted.sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify("x".repeat(9_000)) }));
  for (const _ of [1, 2]) await expect(answer()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  disk.free();
  await until(() =>
    answer().then(
      () => true,
      () => undefined,
    ),
  );
  expect(outcome(await booted.ended(execution))).toBe("x".repeat(9_000));
  expect(tokens).toHaveLength(1);
});

it.skipIf(missing !== undefined)("starts what could not be started under the same name, once", async () => {
  const { disk, tokens, booted, states } = await setUp();
  const machine = await booted.create(JSON.stringify({ QueryLanguage: "JSONata", StartAt: "Ask", States: states }));
  disk.fill();
  await expect(booted.start(machine, { text: "x".repeat(9_000) }, "same")).rejects.toMatchObject({
    $metadata: { httpStatusCode: 500 },
  });
  disk.free();
  await booted.start(machine, {}, "same");
  await until(() => tokens[0]);
  expect(tokens).toHaveLength(1);
});
