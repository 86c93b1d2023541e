import { describe, expect, it } from "vitest";
import { costLines, idleMonthUsd, timesAMonth, turnUsd } from "../../cli/cost.ts";
import { defineAgent } from "../../core/base/agent-config.ts";
import { prices } from "../../cli/prices.ts";

const memory = { webhooks: 512, agentStep: 512 };
const config = defineAgent({ memory });

describe("what a turn costs", () => {
  it("is what its parts cost: compute, invocations, transitions, reads and writes, logs", () => {
    // Three steps: 0.3 + 3 × 6 + 2 × 1 seconds of 0.5 GB, and a tenth of a second for the webhook.
    const compute = (20.3 * 0.5 + 0.1 * 0.5) * 0.0000133334;
    const invocations = 2 * 0.0000002;
    const transitions = 3 * 0.000025;
    const writes = 12 * 2 * 0.000000625;
    const reads = 8 * 2 * 0.000000125;
    const logs = (5 / 1e6) * 0.5;
    expect(turnUsd(3, memory)).toBeCloseTo(compute + invocations + transitions + writes + reads + logs, 12);
  });

  it("stays under the bound that the design sets for three steps", () => {
    expect(turnUsd(3, memory)).toBeLessThan(0.00026);
  });

  it("grows with the steps and with the memory of the function that waits for the model", () => {
    expect(turnUsd(10, memory)).toBeGreaterThan(turnUsd(3, memory));
    expect(turnUsd(3, { ...memory, agentStep: 1024 })).toBeGreaterThan(1.5 * turnUsd(3, memory));
  });
});

describe("what a month without a word costs", () => {
  it("is the sweep every minute, and under half a dollar", () => {
    expect(timesAMonth("rate(1 minute)")).toBe(43_200);
    expect(timesAMonth("rate(2 hours)")).toBe(360);
    expect(timesAMonth("cron(0 4 ? * SUN *)")).toBe(0);
    expect(idleMonthUsd()).toBeGreaterThan(43_200 * prices.lambdaRequest.usd);
    expect(idleMonthUsd()).toBeLessThan(0.5);
  });

  it("is said with its source and with the tokens that come on top", () => {
    const text = costLines(config).join("\n");
    expect(text).toMatch(/Idle: about \$0\.\d\d a month/);
    expect(text).toContain("plus the model's tokens, which are most of it");
    expect(text).toContain("us-east-1, read in 2026");
  });
});

describe("what the image of the shell ecs costs", () => {
  const ecs = { ...config, shell: "ecs" as const };

  it("is said as storage and builds, where it is ours", () => {
    expect(costLines(ecs).join("\n")).toMatch(/image: \$0\.045 a month of storage in Amazon ECR, and about \$0\.014/);
  });

  it("is not said where there is none", () => {
    const own = { ...ecs, machine: { ...ecs.machine, image: "ghcr.io/me/shell:1" } };
    for (const other of [config, own]) expect(costLines(other).join("\n")).not.toContain("Amazon ECR");
  });
});

describe("the price table", () => {
  it("names a page of the seller for every price", () => {
    for (const { usd, per, source } of Object.values(prices)) {
      expect(usd).toBeGreaterThan(0);
      expect(per).not.toBe("");
      expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z0-9-]+\/pricing\/$/);
    }
  });
});
