import { describe, expect, it } from "vitest";
import * as z from "zod";
import { runTools, isRepeatable } from "../../../core/agent/run-tools.ts";
import type { ToolCall } from "../../../core/conversation/message.ts";
import { defineTool, type Effect, type Tool } from "../../../core/tools/tool.ts";
import { contextOf as contextWith } from "../tools/tool-bench.ts";

const contextOf = (call: ToolCall) => contextWith({ callId: call.id });

/** A tool that writes down when it begins and ends, and ends only when everything that may run beside it has begun. */
function recorder() {
  const log: string[] = [];
  const tool = (name: string, effect: Effect, touches?: (input: { path: string }) => string[]) =>
    defineTool({
      name,
      toolset: "test",
      description: "",
      input: z.object({ path: z.string().default("") }),
      effect,
      ...(touches && { touches }),
      async run({ path }, { callId }) {
        log.push(`${callId} begins`);
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        log.push(`${callId} ends`);
        return { path };
      },
    });
  return { log, tool };
}

const call = (id: string, name: string, args: object | string = {}): ToolCall => ({
  id,
  name,
  arguments: typeof args === "string" ? args : JSON.stringify(args),
});

describe("runTools", () => {
  it("runs reads side by side and answers in call order", async () => {
    const { log, tool } = recorder();
    const calls = [call("a", "look", { path: "1" }), call("b", "look", { path: "2" })];
    const { results } = await runTools({ calls, tools: [tool("look", "read")], contextOf });
    expect(log.slice(0, 2)).toEqual(["a begins", "b begins"]);
    expect(results.map((result) => result.callId)).toEqual(["a", "b"]);
    expect(results[1]).toEqual({ role: "tool", callId: "b", name: "look", content: '{"path":"2"}' });
  });

  it("keeps the order of whatever changes something", async () => {
    const { log, tool } = recorder();
    const calls = [call("a", "act", { path: "1" }), call("b", "look"), call("c", "act", { path: "2" })];
    await runTools({ calls, tools: [tool("act", "outward"), tool("look", "read")], contextOf });
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("lets writers of different files run side by side, and those of one file wait", async () => {
    const { log, tool } = recorder();
    const write = tool("write", "write", ({ path }) => [path]);
    const calls = [
      call("a", "write", { path: "x" }),
      call("b", "write", { path: "y" }),
      call("c", "write", { path: "x", more: 1 }),
    ];
    await runTools({ calls, tools: [write], contextOf });
    expect(log.slice(0, 2)).toEqual(["a begins", "b begins"]);
    expect(log.indexOf("c begins")).toBeGreaterThan(log.indexOf("a ends"));
  });

  it("runs at most eight at once", async () => {
    let running = 0;
    let most = 0;
    const look = defineTool({
      name: "look",
      toolset: "test",
      description: "",
      input: z.object({ n: z.number() }),
      effect: "read",
      async run() {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return null;
      },
    });
    const calls = Array.from({ length: 20 }, (_, n) => call(`c${n}`, "look", { n }));
    expect((await runTools({ calls, tools: [look], contextOf })).results).toHaveLength(20);
    expect(most).toBe(8);
  });

  it("runs identical calls once and answers both", async () => {
    const { log, tool } = recorder();
    const calls = [call("a", "act", { path: "1" }), call("b", "act", { path: "1" })];
    const { results } = await runTools({ calls, tools: [tool("act", "outward")], contextOf });
    expect(log).toEqual(["a begins", "a ends"]);
    expect(results.map(({ callId, content }) => [callId, content])).toEqual([
      ["a", '{"path":"1"}'],
      ["b", '{"path":"1"}'],
    ]);
  });

  it("tells the model what is wrong with a call, and runs the good ones beside it", async () => {
    const { tool } = recorder();
    const calls = [
      call("a", "nothing_like_it"),
      call("b", "look", "{broken"),
      call("c", "look", { path: 7 }),
      call("d", "Look", { path: "ok" }),
    ];
    const { results } = await runTools({ calls, tools: [tool("look", "read")], contextOf });
    expect(results[0]?.content).toContain("There is no tool “nothing_like_it”. The tools are: look.");
    expect(results[1]?.content).toContain("not valid JSON");
    expect(results[2]?.content).toContain("path");
    expect(results[3]?.content).toBe('{"path":"ok"}');
  });

  it("hands a tool's failure to the model instead of ending the turn", async () => {
    const broken = defineTool({
      name: "broken",
      toolset: "test",
      description: "",
      input: z.object({}),
      effect: "read",
      run: () => Promise.reject(new Error("disk on fire")),
    });
    const { results } = await runTools({ calls: [call("a", "broken")], tools: [broken], contextOf });
    expect(results[0]?.content).toBe('{"error":"The tool failed: disk on fire"}');
  });

  it("runs nothing of an answer that was cut off by the output limit", async () => {
    const { log, tool } = recorder();
    const { results } = await runTools({
      calls: [call("a", "act")],
      tools: [tool("act", "outward")],
      contextOf,
      isCutOff: true,
    });
    expect(log).toEqual([]);
    expect(results[0]?.content).toContain("it was not run");
  });
});

describe("isRepeatable", () => {
  it("is true for reads alone", () => {
    const { tool } = recorder();
    const tools = [tool("look", "read"), tool("save", "write"), tool("act", "outward")];
    const repeatable = ["look", "save", "act", "unknown"].filter((name) => isRepeatable(call("a", name), tools));
    expect(repeatable).toEqual(["look"]);
  });

  it("follows what is asked for, where a tool does more when it is asked for more", () => {
    const { tool } = recorder();
    const asked: Tool = {
      ...tool("look", "read"),
      input: z.object({ save: z.boolean().optional() }),
      effectOf: (input) => ((input as { save?: boolean }).save ? "write" : "read"),
    };
    const callOf = (given: object) => ({ id: "a", name: "look", arguments: JSON.stringify(given) });
    expect([{}, { save: true }].map((given) => isRepeatable(callOf(given), [asked]))).toEqual([true, false]);
  });
});
