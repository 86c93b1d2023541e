import { assert, double, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { matches } from "../../../local/step-functions/errors.ts";
import { decideRetry } from "../../../local/step-functions/retry.ts";

const retrier = { ErrorEquals: ["E"], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 5 };
const delays = (retriers: Parameters<typeof decideRetry>[0], random: () => number) => {
  const found: number[] = [];
  let counts: number[] = [];
  for (let next = decideRetry(retriers, "E", counts, random); next; next = decideRetry(retriers, "E", counts, random)) {
    found.push(next.delayMs);
    counts = next.counts;
  }
  return found;
};

it("doubles from one second, three times, unless told otherwise", () => {
  expect(delays([{ ErrorEquals: ["E"] }], () => 1)).toEqual([1000, 2000, 4000]);
});

it("backs off up to MaxDelaySeconds and gives up after MaxAttempts", () => {
  expect(delays([retrier], () => 1)).toEqual([2000, 6000, 10_000, 10_000, 10_000]);
});

it("draws every delay with FULL jitter between zero and the backoff", () => {
  const jittered = { ...retrier, JitterStrategy: "FULL" as const };
  assert(
    property(double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (drawn) => {
      const bounds = [2000, 6000, 10_000, 10_000, 10_000];
      expect(delays([jittered], () => drawn)).toEqual(bounds.map((bound) => bound * drawn));
    }),
  );
});

it("asks only the first retrier that matches, even when it is spent", () => {
  expect(delays([{ ErrorEquals: ["E"], MaxAttempts: 0 }, retrier], () => 1)).toEqual([]);
});

it("counts each retrier by itself", () => {
  const two = [{ ErrorEquals: ["A"], MaxAttempts: 1 }, { ErrorEquals: ["States.ALL"] }];
  const first = decideRetry(two, "A", [], () => 1);
  expect(first?.counts).toEqual([1, 0]);
  expect(decideRetry(two, "A", [1, 0], () => 1)).toBeUndefined();
  expect(decideRetry(two, "B", [1, 0], () => 1)).toEqual({ delayMs: 1000, counts: [1, 1] });
});

describe("ErrorEquals", () => {
  it.each([
    ["States.ALL", "Anything", true],
    ["States.ALL", "States.Timeout", true],
    ["States.ALL", "States.DataLimitExceeded", false],
    ["States.ALL", "States.Runtime", false],
    ["States.TaskFailed", "Lambda.Unknown", true],
    ["States.TaskFailed", "States.Timeout", false],
    ["States.TaskFailed", "States.DataLimitExceeded", false],
    ["States.Timeout", "States.HeartbeatTimeout", true],
    ["States.HeartbeatTimeout", "States.Timeout", false],
    ["States.DataLimitExceeded", "States.DataLimitExceeded", true],
    ["States.Runtime", "States.Runtime", false],
    ["MyError", "myerror", false],
  ])("%s answers for %s: %s", (pattern, error, expected) => {
    expect(matches([pattern], error)).toBe(expected);
  });
});
