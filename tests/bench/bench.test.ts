import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAwsMeter, type AwsMeter } from "../../bench/aws-meter.ts";
import { startBed, type Bed } from "../../bench/bed.ts";
import { isRight, runWave } from "../../bench/load.ts";
import { countAnswers, countDisorder, countOverlaps } from "../../bench/outside/verdict.ts";
import { median, percentile } from "../../bench/statistics.ts";
import { formatTable } from "../../bench/table.ts";
import { historyRows } from "../../bench/turn/history.ts";
import { measureTurn, ownTimeMs } from "../../bench/turn/probe.ts";
import { shapeRows } from "../../bench/turn/shape.ts";

let bed: Bed;
let meter: AwsMeter;

beforeAll(async () => {
  bed = await startBed();
  meter = startAwsMeter();
});
afterAll(async () => {
  meter.stop();
  await bed.close();
});

/** The figures of a row, whatever their unit. */
const figuresOf = (rows: readonly { what: string; measured: string }[], what: string): number[] =>
  (rows.find((row) => row.what.startsWith(what))?.measured.match(/\d+(\.\d+)?/g) ?? []).map(Number);

describe("five conversations that say five things at once", () => {
  it("get every answer once, in order, from one turn at a time", async () => {
    const wave = await runWave(bed, 5);
    expect(wave).toMatchObject({ answered: 25, lost: 0, doubled: 0, disordered: 0, overlapping: 0 });
    expect(wave.modelCalls).toBeGreaterThanOrEqual(wave.replies * 2);
    expect(isRight(wave)).toBe(true);
  });
});

describe("the verdict on a load", () => {
  it("tells what was lost and what was doubled", () => {
    const replies = new Map([
      [1, [[1, 2], [3]]],
      [2, [[1], [1, 2]]],
    ]);
    expect(countAnswers(replies, 3)).toEqual({ answered: 5, lost: 1, doubled: 1 });
  });

  it("blames only a message that was accepted before the one that overtook it was posted", () => {
    const overtaken = new Map([[1, [[1, 3], [2]]]]);
    const oneByOne = (_person: number, number: number) => ({ postedAtMs: number * 10, acceptedAtMs: number * 10 + 5 });
    const together = () => ({ postedAtMs: 0, acceptedAtMs: 5 });
    expect(countDisorder(overtaken, oneByOne)).toEqual({ disordered: 1, inFlight: 0 });
    expect(countDisorder(overtaken, together)).toEqual({ disordered: 0, inFlight: 1 });
    const repeated = new Map([
      [
        1,
        [
          [1, 2],
          [1, 2, 3],
        ],
      ],
    ]);
    expect(countDisorder(repeated, oneByOne)).toEqual({ disordered: 0, inFlight: 0 });
  });

  it("tells two model calls of one person that overlap from those of two persons", () => {
    const early = { fromMs: 0, untilMs: 20 };
    const late = { fromMs: 10, untilMs: 30 };
    const of = (...people: [number, number]) => [
      { person: people[0], span: early },
      { person: people[1], span: late },
    ];
    expect(countOverlaps(of(1, 1))).toBe(1);
    expect(countOverlaps(of(1, 2))).toBe(0);
  });
});

describe("a turn, measured", () => {
  it("asks the model once per step and takes at most three AWS calls in the webhook", async () => {
    const person = bed.newPerson();
    const { trace, ...cost } = await measureTurn(bed, meter, { person, steps: 3, tool: "todo" });
    expect(trace.modelCalls).toHaveLength(3);
    expect(cost.webhookCalls).toBeGreaterThan(0);
    expect(cost.webhookCalls).toBeLessThanOrEqual(3);
    expect(cost.awsCalls).toBeGreaterThan(cost.webhookCalls);
    expect(cost.bytesWritten).toBeGreaterThan(0);
    expect(cost.bytesRead).toBeGreaterThan(0);
    expect(ownTimeMs(trace)).toBeGreaterThan(0);
    expect(ownTimeMs(trace)).toBeLessThan(trace.deliveredAtMs - trace.postedAtMs);
  });

  it("is three transitions, whatever its steps, under a prompt within its budget", async () => {
    const rows = await shapeRows(bed, meter);
    expect(figuresOf(rows, "transitions")).toEqual([3, 3]);
    expect(figuresOf(rows, "model requests")).toEqual([1, 3]);
    const [tokens = Number.NaN] = figuresOf(rows, "  together");
    expect(tokens).toBeGreaterThan(100);
    expect(tokens).toBeLessThan(4000);
  });

  it("costs no more AWS calls or written bytes for a step after 500 others than after 10", async () => {
    const rows = await historyRows(bed, meter, 1);
    const [callsAfterFew = 0, callsAfterMany = 0] = figuresOf(rows, "AWS calls of a further step");
    expect(callsAfterMany).toBe(callsAfterFew);
    const [kbAfterFew = 0, kbAfterMany = 0] = figuresOf(rows, "bytes written by a further step");
    // Compressed texts differ by a few bytes, and a figure has one decimal.
    expect(kbAfterMany).toBeLessThanOrEqual(kbAfterFew + 0.1);
  });
});

describe("the figures", () => {
  it("are nearest-rank percentiles", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(percentile([...Array(100).keys()], 0.99)).toBe(98);
    expect(median([])).toBeNaN();
  });

  it("stand aligned beside what is to be reached", () => {
    const rows = [
      { what: "answer", measured: "9.0 ms", reach: "under 15 ms" },
      { what: "p99", measured: "120 ms" },
    ];
    expect(formatTable("time", rows)).toBe(
      ["", "time", "  what    measured  to reach", "  answer    9.0 ms  under 15 ms", "  p99       120 ms"].join("\n"),
    );
  });
});
