import { afterEach, expect, it } from "vitest";
import { turnMachine, type StepOutput } from "../../../core/turn/machine.ts";
import { boot, failWith, outcome, until, type Booted, type Fields, type Functions } from "./support.ts";
import { turnedClock } from "./turned-clock.ts";

const input = { conversation: "me:telegram:1", session: "ses_1", turn: 7 };
const clock = turnedClock();
let booted: Booted;
afterEach(() => booted.close());

async function startTurn(functions: Functions): Promise<string> {
  booted = await boot({ clock, random: () => 0.5, functions });
  const definition = turnMachine({ agentStep: "agent-step", abandon: "abandon", table: "state" });
  return booted.start(await booted.create(JSON.stringify(definition)), input);
}

/** Turns the clock whenever an execution sleeps for a retry, the shortest sleep that is no time-out. */
const turnUntilEnded = async (arn: string) =>
  until(async () => {
    const nextMs = clock.sleeping().find((ms) => ms < 60_000);
    if (nextMs !== undefined) clock.turn(nextMs);
    const described = await booted.engine.operations.describeExecution({ executionArn: arn });
    return described.status === "RUNNING" ? undefined : described;
  });

it("goes round until the step says done, handing on only ids", async () => {
  const seen: unknown[] = [];
  const arn = await startTurn({
    "agent-step": (payload) => {
      seen.push(payload);
      return { ...(payload as Fields), next: seen.length < 3 ? "continue" : "done" };
    },
  });
  const expected: StepOutput = { ...input, next: "done" };
  expect(outcome(await booted.ended(arn))).toEqual(expected);
  expect(seen).toHaveLength(3);
  expect(seen[0]).toEqual(input);
  const { events } = await booted.engine.operations.getExecutionHistory({ executionArn: arn });
  expect(events.filter(({ type }) => type?.endsWith("StateEntered"))).toHaveLength(7);
});

it("runs a step again that died, and waits longer for what another service asked", async () => {
  const failures = ["Sandbox.Timedout", "Runtime.ExitError", "Talaria.Retryable"];
  const arn = await startTurn({
    "agent-step": (payload) => {
      const failure = failures.shift();
      return failure ? failWith(failure) : { ...(payload as Fields), next: "done" };
    },
  });
  expect((await turnUntilEnded(arn)).status).toBe("SUCCEEDED");
  expect(failures).toEqual([]);
});

it("hands a refusal to Abandon at once, with what happened", async () => {
  const seen: { steps: number; abandoned: unknown } = { steps: 0, abandoned: undefined };
  const arn = await startTurn({
    "agent-step": () => {
      seen.steps += 1;
      return failWith("Talaria.Refused", "The key is wrong.");
    },
    abandon: (payload) => {
      seen.abandoned = payload;
      return { told: true };
    },
  });
  expect(outcome(await booted.ended(arn))).toEqual({ told: true });
  expect(seen.steps).toBe(1);
  const { cause, ...rest } = seen.abandoned as Fields;
  expect(rest).toEqual({ ...input, error: "Talaria.Refused" });
  expect(JSON.parse(cause as string)).toMatchObject({ errorMessage: "The key is wrong." });
});

it("hands over to Abandon when the retries are spent", async () => {
  const seen = { steps: 0, abandoned: 0 };
  const arn = await startTurn({
    "agent-step": () => {
      seen.steps += 1;
      return failWith("Runtime.ExitError");
    },
    abandon: () => (seen.abandoned += 1),
  });
  expect((await turnUntilEnded(arn)).status).toBe("SUCCEEDED");
  expect(seen).toEqual({ steps: 7, abandoned: 1 });
});
