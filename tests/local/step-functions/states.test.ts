import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boot, failWith, invoke, outcome, pass, until, type Booted, type Fields } from "./support.ts";
import { turnedClock } from "./turned-clock.ts";

const clock = turnedClock();
const flaky = { calls: 0 };
const kept = { n: 1 };
let booted: Booted;

beforeAll(async () => {
  booted = await boot({
    clock,
    functions: {
      square: (payload) => (payload as { v: number }).v ** 2,
      step: (payload) => {
        const { n, max } = payload as { n: number; max: number };
        return { n: n + 1, max, done: n + 1 >= max };
      },
      flaky: () => ((flaky.calls += 1) < 3 ? failWith("MyError") : { calls: flaky.calls }),
      keeper: () => kept,
      changer: () => (kept.n = 2),
      broken: () => failWith("TypeError", "no such thing"),
      "timed-out": () => failWith("Sandbox.Timedout", "Task timed out after 2.00 seconds"),
      hang: (_, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(null))),
    },
  });
});
afterAll(() => booted.close());

const caught = (error: string) => ({
  Catch: [{ ErrorEquals: [error], Output: "{% $states.errorOutput.Error %}", Next: "Caught" }],
});
const Caught = { Type: "Pass", End: true };

describe("the eight state types", () => {
  it("invokes a Lambda and gives its payload as the result", async () => {
    expect(await booted.run({ Square: invoke("square", { v: "{% $states.input.v %}" }) }, { v: 7 })).toBe(49);
  });

  it("takes a function's own ARN as a resource", async () => {
    const Resource = "arn:aws:lambda:us-east-1:000000000000:function:square";
    expect(await booted.run({ Square: { Type: "Task", Resource, Arguments: { v: 7 }, End: true } })).toBe(49);
  });

  it("has its own copy of what a function in this process returned", async () => {
    const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:";
    const states = {
      Keep: { Type: "Task", Resource: `${functionArn}keeper`, Next: "Change" },
      Change: { Type: "Task", Resource: `${functionArn}changer`, Output: "{% $states.input %}", End: true },
    };
    expect(await booted.run(states)).toEqual({ n: 1 });
  });

  it("loops between a Task and a Choice until the rule says stop", async () => {
    const states = {
      Step: invoke("step", "{% $states.input %}", { End: undefined, Next: "More" }),
      More: { Type: "Choice", Choices: [{ Condition: "{% $states.input.done %}", Next: "Done" }], Default: "Step" },
      Done: { Type: "Succeed" },
    };
    expect(await booted.run(states, { n: 0, max: 5 })).toEqual({ n: 5, max: 5, done: true });
  });

  it("carries assigned variables on, and evaluates Output with the variables from before", async () => {
    const states = {
      First: { Type: "Pass", Assign: { k: "{% $states.input.n * 2 %}" }, Next: "Second" },
      Second: { Type: "Pass", Assign: { k: "{% $k + 100 %}" }, Output: "{% $k %}", Next: "Third" },
      Third: { Type: "Pass", Output: { before: "{% $states.input %}", after: "{% $k %}" }, End: true },
    };
    expect(await booted.run(states, { n: 4 })).toEqual({ before: 8, after: 108 });
  });

  it("waits for as many seconds as an expression says", async () => {
    const arn = await booted.begin({ Nap: { Type: "Wait", Seconds: "{% $states.input.s %}", End: true } }, { s: 90 });
    await until(() => clock.sleeping().includes(90_000) || undefined);
    clock.turn(89_999);
    expect(clock.sleeping()).toContain(1);
    clock.turn(1);
    expect((await booted.ended(arn)).status).toBe("SUCCEEDED");
  });

  it("waits until a timestamp", async () => {
    const Timestamp = new Date(clock.now() + 5_000).toISOString();
    const arn = await booted.begin({ Nap: { Type: "Wait", Timestamp, End: true } });
    await until(() => clock.sleeping().includes(5_000) || undefined);
    clock.turn(5_000);
    expect((await booted.ended(arn)).status).toBe("SUCCEEDED");
  });

  it("maps items through a selector, in order, at most as many at once as allowed", async () => {
    const states = {
      Each: {
        Type: "Map",
        Items: "{% $states.input.list %}",
        MaxConcurrency: 2,
        ItemSelector: { v: "{% $states.context.Map.Item.Value %}", i: "{% $states.context.Map.Item.Index %}" },
        ItemProcessor: { StartAt: "Square", States: { Square: invoke("square", "{% $states.input %}") } },
        Output: "{% $states.result %}",
        End: true,
      },
    };
    expect(await booted.run(states, { list: [2, 3, 4] })).toEqual([4, 9, 16]);
    expect(await booted.run(states, { list: [] })).toEqual([]);
  });

  it("runs branches in parallel on the same arguments", async () => {
    const branch = (output: string) => ({ StartAt: "A", States: { A: pass(output) } });
    const Branches = [branch("{% $states.input.x %}"), branch("{% $states.input.x + 1 %}")];
    const both = { Type: "Parallel", Arguments: { x: 1 }, Branches, End: true };
    expect(await booted.run({ Both: both })).toEqual([1, 2]);
  });

  it("fails with the error and cause of a Fail state", async () => {
    const states = { Stop: { Type: "Fail", Error: "Boom", Cause: "{% 'c' & $string(1) %}" } };
    expect(await booted.run(states)).toEqual({ status: "FAILED", error: "Boom", cause: "c1" });
  });
});

describe("errors", () => {
  it("retries by error name and shows the count in the context", async () => {
    const arn = await booted.begin({
      Try: invoke(
        "flaky",
        {},
        {
          Output: { calls: "{% $states.result.Payload.calls %}", retries: "{% $states.context.State.RetryCount %}" },
          Retry: [{ ErrorEquals: ["MyError"], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4 }],
        },
      ),
    });
    await until(() => clock.sleeping().includes(2_000) || undefined);
    clock.turn(2_000);
    await until(() => clock.sleeping().includes(6_000) || undefined);
    clock.turn(6_000);
    expect(outcome(await booted.ended(arn))).toEqual({ calls: 3, retries: 2 });
  });

  it("catches an error and hands its name on", async () => {
    expect(await booted.run({ Try: invoke("broken", {}, caught("States.ALL")), Caught })).toBe("TypeError");
  });

  it("gives the Lambda's answer as the cause", async () => {
    const result = (await booted.run({ Try: invoke("broken", {}) })) as { cause: string };
    expect(JSON.parse(result.cause)).toEqual({ errorType: "TypeError", errorMessage: "no such thing" });
  });

  it("catches a Lambda's own time-out as a failed task", async () => {
    const result = await booted.run({ Try: invoke("timed-out", {}, caught("States.TaskFailed")), Caught });
    expect(result).toBe("Sandbox.Timedout");
  });

  it("names a refusal of the Lambda service by its exception", async () => {
    const result = (await booted.run({ Try: invoke("nobody", {}) })) as Fields;
    expect(result["error"]).toBe("Lambda.ResourceNotFoundException");
  });

  it("ends a Task after TimeoutSeconds with States.Timeout, which States.TaskFailed does not match", async () => {
    const Catch = [
      { ErrorEquals: ["States.TaskFailed"], Output: "wrong", Next: "Caught" },
      { ErrorEquals: ["States.Timeout"], Output: "{% $states.errorOutput.Error %}", Next: "Caught" },
    ];
    const TimeoutSeconds = "{% $states.input.limit %}";
    const arn = await booted.begin({ Try: invoke("hang", {}, { TimeoutSeconds, Catch }), Caught }, { limit: 33 });
    await until(() => clock.sleeping().includes(33_000) || undefined);
    clock.turn(33_000);
    expect(outcome(await booted.ended(arn))).toBe("States.Timeout");
  });

  it("names a Choice without a match, a failing expression and data over the limit", async () => {
    const never = { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "End" }] };
    const results = [
      await booted.run({ Choose: never, End: { Type: "Succeed" } }),
      await booted.run({ Ask: pass("{% $nope.x %}") }),
      await booted.run({ Ask: pass("{% $error('no') %}") }),
      await booted.run({ Big: pass("{% $pad('', 300000, 'x') %}") }),
    ];
    expect(results.map((result) => (result as Fields)["error"])).toEqual([
      "States.NoChoiceMatched",
      "States.QueryEvaluationError",
      "States.QueryEvaluationError",
      "States.DataLimitExceeded",
    ]);
  });

  it("lets no wildcard catch too much data", async () => {
    const Output = "{% $pad('', 300000, 'x') %}";
    const result = await booted.run({ Try: invoke("square", { v: 1 }, { Output, ...caught("States.ALL") }), Caught });
    expect((result as Fields)["error"]).toBe("States.DataLimitExceeded");
  });

  it("ends an endless loop at the limit of the history", async () => {
    const states = { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", Next: "A" } };
    const result = (await booted.run(states)) as Fields;
    expect(result).toMatchObject({ status: "FAILED", error: "States.Runtime" });
    expect(result["cause"]).toContain("25000");
  });

  it("ends a whole execution as TIMED_OUT", async () => {
    const nap = { Nap: { Type: "Wait", Seconds: 1_000_000, End: true } };
    const arn = await booted.begin(nap, {}, { TimeoutSeconds: 77 });
    await until(() => clock.sleeping().includes(77_000) || undefined);
    clock.turn(77_000);
    expect(outcome(await booted.ended(arn))).toMatchObject({ status: "TIMED_OUT", error: "States.Timeout" });
  });
});
