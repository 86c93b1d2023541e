import { describe, expect, it } from "vitest";
import { assertWithinBudget, courseOf } from "../../../core/agent/course.ts";
import { messagesOf } from "../../../core/agent/history.ts";
import type { Finish, StepRecord } from "../../../core/conversation/turn.ts";
import { noUsage } from "../../../core/conversation/usage.ts";

const step = (text: string, finish: Finish = "stop", over: Partial<StepRecord> = {}): StepRecord =>
  ({
    status: "closed",
    turn: 1,
    step: 0,
    input: { role: "user", text: "hi" },
    inbox: [],
    place: null,
    assistant: { role: "assistant", text, toolCalls: [] },
    finish,
    usage: noUsage,
    model: "test/model",
    at: 0,
    results: [],
    ...over,
  }) as StepRecord;

const withCall = (over: Partial<StepRecord> = {}) =>
  step("", "tool-calls", {
    assistant: { role: "assistant", text: "", toolCalls: [{ id: "a", name: "look", arguments: "{}" }] },
    ...over,
  });

describe("courseOf", () => {
  it("asks the model at the start and after tool calls", () => {
    expect(courseOf([])).toEqual({ kind: "ask" });
    expect(courseOf([withCall()])).toEqual({ kind: "ask" });
  });

  it("is answered by a text without calls", () => {
    expect(courseOf([withCall(), step("Done.")])).toEqual({ kind: "answered", text: "Done." });
  });

  it("has a cut answer continued, and joins the pieces", () => {
    expect(courseOf([step("one ", "length")])).toMatchObject({ kind: "ask", nudge: { role: "user" } });
    expect(courseOf([step("one ", "length"), step("two")])).toEqual({ kind: "answered", text: "one two" });
  });

  it("gives up continuing after four times and delivers what there is", () => {
    const pieces = Array.from({ length: 5 }, () => step("x", "length"));
    expect(courseOf(pieces.slice(0, 4))).toMatchObject({ kind: "ask" });
    expect(courseOf(pieces)).toEqual({ kind: "answered", text: "xxxxx" });
  });

  it("asks twice more for an empty answer, then says so", () => {
    expect(courseOf([step("")])).toMatchObject({ kind: "ask", nudge: {} });
    expect(courseOf([step(""), step(" ")])).toMatchObject({ kind: "ask", nudge: {} });
    expect(courseOf([step(""), step(""), step("")])).toMatchObject({
      kind: "answered",
      text: /empty answer three times/,
    });
  });

  it("says when the provider's filter ended an answer", () => {
    expect(courseOf([step("So far", "content-filter")])).toMatchObject({
      text: /^So far\n\n\(The model provider's filter/,
    });
  });
});

describe("assertWithinBudget", () => {
  it("ends a turn whose model cannot even close it", () => {
    expect(() => assertWithinBudget(506, 500)).not.toThrow();
    expect(() => assertWithinBudget(507, 500)).toThrow("used all of its 500 steps");
  });
});

describe("messagesOf", () => {
  it("answers every call of a step that never closed with “unknown”", () => {
    const open = { ...withCall(), status: "open", claim: "clm_1" } as StepRecord;
    const messages = messagesOf([open, step("ok", "stop", { input: null })]);
    expect(messages.map((message) => message.role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(messages[2]).toMatchObject({ callId: "a", content: expect.stringContaining("outcome is unknown") });
  });

  it("keeps the place of an assistant that said nothing", () => {
    expect(messagesOf([step("")])[1]).toMatchObject({ role: "assistant", text: "(no answer)" });
  });
});
