import { describe, expect, it } from "vitest";
import { maxStepLength, withinBudget, type Spill } from "../../../core/agent/result-budget.ts";
import type { ToolMessage } from "../../../core/conversation/message.ts";

const result = (callId: string, length: number, name = "look"): ToolMessage => ({
  role: "tool",
  callId,
  name,
  content: "x".repeat(length),
});

function spill() {
  const saved = new Map<string, string>();
  const port: Spill = {
    keepsWhole: (name) => name === "read_file",
    async save(callId, text) {
      saved.set(callId, text);
      return `~/${callId}.txt`;
    },
  };
  return { saved, port };
}

describe("withinBudget", () => {
  it("leaves results alone that fit", async () => {
    const { saved, port } = spill();
    const results = [result("a", 90_000), result("b", 90_000)];
    expect(await withinBudget(results, port)).toEqual(results);
    expect(saved.size).toBe(0);
  });

  it("moves a single result that is too large into a file and shows its beginning", async () => {
    const { saved, port } = spill();
    const [fitted] = await withinBudget([result("a", 100_001)], port);
    expect(saved.get("a")).toHaveLength(100_001);
    const shown = JSON.parse(fitted?.content ?? "") as Record<string, string>;
    expect(shown["full_output_path"]).toBe("~/a.txt");
    expect(shown["preview"]).toHaveLength(1_500);
  });

  it("moves the largest first until one step's results fit together, and keeps their order", async () => {
    const { saved, port } = spill();
    const fitted = await withinBudget([result("a", 60_000), result("b", 99_000), result("c", 80_000)], port);
    expect([...saved.keys()]).toEqual(["b"]);
    expect(fitted.map(({ callId }) => callId)).toEqual(["a", "b", "c"]);
    expect(fitted.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(maxStepLength);
  });

  it("shows the beginning also when the workspace cannot take the rest: the call did run", async () => {
    const { port } = spill();
    const full: Spill = { ...port, save: () => Promise.reject(new Error("no space left on device")) };
    const [fitted] = await withinBudget([result("a", 100_001)], full);
    const shown = JSON.parse(fitted?.content ?? "") as Record<string, string>;
    expect(shown["preview"]).toHaveLength(1_500);
    expect(shown).not.toHaveProperty("full_output_path");
  });

  it("never moves what a reading tool returned", async () => {
    const { saved, port } = spill();
    await withinBudget([result("a", 150_000, "read_file")], port);
    expect(saved.size).toBe(0);
  });
});
