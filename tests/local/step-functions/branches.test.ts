import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { afterEach, expect, it } from "vitest";
import { boot, failWith, outcome, tokenTask, until, type Booted } from "./support.ts";
import { turnedClock } from "./turned-clock.ts";

let booted: Booted;
afterEach(() => booted.close());

const branch = (states: Record<string, object>) => ({ StartAt: Object.keys(states)[0], States: states });
const task = (Resource: string) => ({ Type: "Task", Resource, End: true });
const lambda = (name: string) => task(`arn:aws:lambda:us-east-1:000000000000:function:${name}`);
const caught = { Catch: [{ ErrorEquals: ["Broken"], Output: "{% $states.errorOutput %}", Next: "Caught" }] };
const Caught = { Type: "Pass", End: true };

it("cancels a failed branch's siblings: their waits, calls and tokens", async () => {
  const clock = turnedClock();
  const seen = { aborted: false, token: "" };
  booted = await boot({
    clock,
    functions: {
      hang: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            seen.aborted = true;
            resolve(null);
          });
        }),
      keep: (payload) => {
        seen.token = (payload as { token: string }).token;
        return null;
      },
      fail: async () => {
        await until(() => (seen.token !== "" && clock.sleeping().includes(500_000)) || undefined);
        return failWith("Broken");
      },
    },
  });
  const Branches = [
    branch({ Nap: { Type: "Wait", Seconds: 500, End: true } }),
    branch({ Hang: lambda("hang") }),
    branch({ Ask: tokenTask("keep") }),
    branch({ Fail: lambda("fail") }),
  ];
  const result = await booted.run({ All: { Type: "Parallel", Branches, End: true, ...caught }, Caught });
  expect(result).toMatchObject({ Error: "Broken" });
  expect(seen.aborted).toBe(true);
  expect(clock.sleeping()).toEqual([]);
  const late = booted.sfn.send(new SendTaskSuccessCommand({ taskToken: seen.token, output: "1" }));
  await expect(late).rejects.toMatchObject({ name: "TaskTimedOut" });
});

it("starts no further item of a Map after one has failed", async () => {
  const seen: number[] = [];
  booted = await boot({
    functions: {
      look: (payload) => {
        seen.push(payload as number);
        return payload === 2 ? failWith("Broken") : payload;
      },
    },
  });
  const ItemProcessor = branch({ Look: lambda("look") });
  const each = { Type: "Map", Items: [1, 2, 3, 4], MaxConcurrency: 1, ItemProcessor, End: true, ...caught };
  expect(await booted.run({ Each: each, Caught })).toMatchObject({ Error: "Broken" });
  expect(seen).toEqual([1, 2]);
});

it("retries a whole Map, all items anew", async () => {
  const seen: unknown[] = [];
  booted = await boot({
    random: () => 0,
    functions: {
      look: (payload) => {
        seen.push(payload);
        return seen.length === 2 ? failWith("Broken") : payload;
      },
    },
  });
  const ItemProcessor = branch({ Look: lambda("look") });
  const Retry = [{ ErrorEquals: ["Broken"], JitterStrategy: "FULL" }];
  const each = { Type: "Map", Items: ["a", "b"], MaxConcurrency: 1, ItemProcessor, Retry, End: true };
  expect(await booted.run({ Each: each })).toEqual(["a", "b"]);
  expect(seen).toEqual(["a", "b", "a", "b"]);
});

it("runs a Map anew when the flow comes back to it", async () => {
  booted = await boot({ functions: { next: (payload) => (payload as number) + 1 } });
  const ItemProcessor = branch({ Next: lambda("next") });
  const Choices = [{ Condition: "{% $states.input[0] >= 3 %}", Next: "Done" }];
  const states = {
    Each: { Type: "Map", ItemProcessor, Next: "More" },
    More: { Type: "Choice", Choices, Default: "Each" },
    Done: { Type: "Succeed" },
  };
  expect(await booted.run(states, [0, 10])).toEqual([3, 13]);
});

it("runs no more items at once than allowed", async () => {
  const running = { now: 0, most: 0 };
  booted = await boot({
    functions: {
      look: async () => {
        running.most = Math.max(running.most, (running.now += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running.now -= 1;
        return null;
      },
    },
  });
  const ItemProcessor = branch({ Look: lambda("look") });
  await booted.run({ Each: { Type: "Map", Items: "{% [1..20] %}", MaxConcurrency: 3, ItemProcessor, End: true } });
  expect(running.most).toBe(3);
});

it("stops branches and tokens when the execution is stopped", async () => {
  const clock = turnedClock();
  booted = await boot({ clock });
  const Branches = [branch({ Nap: { Type: "Wait", Seconds: 500, End: true } })];
  const arn = await booted.begin({ All: { Type: "Parallel", Branches, End: true } });
  await until(() => clock.sleeping().length > 0 || undefined);
  await booted.engine.operations.stopExecution({ executionArn: arn, error: "Enough" });
  expect(outcome(await booted.ended(arn))).toMatchObject({ status: "ABORTED", error: "Enough" });
  await until(() => clock.sleeping().length === 0 || undefined);
});
