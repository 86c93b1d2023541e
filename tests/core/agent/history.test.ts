import fc from "fast-check";
import { expect, it } from "vitest";
import { messagesOf } from "../../../core/agent/history.ts";
import type { StepRecord } from "../../../core/conversation/turn.ts";
import { noUsage } from "../../../core/conversation/usage.ts";

/** Any history a turn can leave: steps with and without calls, closed or left open by a crash, silent or not. */
const histories = fc
  .array(
    fc.record({
      text: fc.constantFrom("", "hello"),
      calls: fc.integer({ min: 0, max: 3 }),
      isOpen: fc.boolean(),
      says: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((shapes) =>
    shapes.map(({ text, calls, isOpen, says }, index): StepRecord => {
      const before = shapes[index - 1];
      const toolCalls = Array.from({ length: calls }, (_, n) => ({
        id: `${index}.${n}`,
        name: "look",
        arguments: "{}",
      }));
      const common = {
        turn: 1,
        step: index,
        // After an answer somebody has to say something; after tool results nobody needs to.
        input: says || !before || before.calls === 0 ? { role: "user" as const, text: "go on" } : null,
        inbox: [],
        place: null,
        assistant: { role: "assistant" as const, text, toolCalls },
        finish: "stop" as const,
        usage: noUsage,
        model: "m",
        at: 0,
        activeMs: 0,
        waitedMs: 0,
      };
      const results = toolCalls.map(({ id, name }) => ({ role: "tool" as const, callId: id, name, content: "{}" }));
      return isOpen && calls > 0
        ? { ...common, status: "open", claim: "dead", begun: [], results: [], waits: [], parkedAt: null }
        : { ...common, status: "closed", results };
    }),
  );

it("alternates roles and answers every call once, in call order, whatever a crash left behind", () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const messages = messagesOf(steps);
      for (const [index, message] of messages.entries()) {
        const before = messages[index - 1]?.role;
        if (message.role === "user") expect(before).not.toBe("user");
        if (message.role === "assistant") expect(before === "user" || before === "tool").toBe(true);
      }
      const calls = messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls : []));
      const answered = messages.flatMap((message) => (message.role === "tool" ? [message.callId] : []));
      expect(answered).toEqual(calls.map(({ id }) => id));
    }),
  );
});

it("gives a prefix of its later self, so that a provider's cache stays warm", () => {
  fc.assert(
    fc.property(histories, fc.nat(), (steps, cut) => {
      const earlier = messagesOf(steps.slice(0, cut % (steps.length + 1)));
      expect(messagesOf(steps).slice(0, earlier.length)).toEqual(earlier);
    }),
  );
});
