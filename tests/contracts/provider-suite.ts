import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Model } from "../../core/providers/provider.ts";
import { startModelServer, type ModelServer, type Reply } from "../fakes/model-server.ts";
import {
  assistant,
  call,
  collect,
  longHistory,
  requestOf,
  tool,
  user,
  weather,
  type ProviderUnderTest,
} from "./provider-cases.ts";
import { failureSuite } from "./provider-failures.ts";

/** What every provider must do, whatever its wire looks like. */
export function providerSuite(subject: ProviderUnderTest): void {
  describe(`${subject.name} as a provider`, () => {
    let server: ModelServer;
    let model: Model;
    let next: Reply;

    beforeEach(async () => {
      next = { text: "Hello." };
      server = await startModelServer(() => next);
      model = await subject.connect(server);
    });
    afterEach(() => server.close());

    describe("a reply", () => {
      test("streams text and ends with the whole message", async () => {
        next = { text: "The quick brown fox jumps.", chunkSize: 5 };
        const { deltas, message, finish } = await collect(model, requestOf([user("Hi")]));
        expect(deltas).toEqual(["The q", "uick ", "brown", " fox ", "jumps", "."]);
        expect(message).toEqual({ role: "assistant", text: "The quick brown fox jumps.", toolCalls: [] });
        expect(finish).toBe("stop");
      });

      test("keeps characters whole when writes and deltas tear them apart", async () => {
        const text = "Größe: 👩‍👩‍👧 → 漢字 🙂";
        next = { text, chunkSize: 1, writeBytes: 3, toolCalls: [{ name: "weather", arguments: { city: text } }] };
        const { deltas, message } = await collect(model, requestOf([user("Hi")]));
        expect(deltas.join("")).toBe(text);
        expect(message.text).toBe(text);
        expect(JSON.parse(message.toolCalls[0]?.arguments ?? "")).toEqual({ city: text });
      });

      test("holds several parallel tool calls in order, with the arguments as the model wrote them", async () => {
        const odd = '{ "city" : "Rome" }';
        next = {
          text: "Looking.",
          chunkSize: 4,
          toolCalls: [
            { id: "call_a", name: "weather", arguments: { city: "Paris" } },
            { id: "call_b", name: "weather", arguments: odd },
            { id: "call_c", name: "weather", arguments: "" },
          ],
        };
        const { message, finish } = await collect(model, requestOf([user("Hi")]));
        expect(message).toEqual({
          role: "assistant",
          text: "Looking.",
          toolCalls: [
            call("call_a", "Paris"),
            { id: "call_b", name: "weather", arguments: odd },
            { id: "call_c", name: "weather", arguments: "{}" },
          ],
        });
        expect(finish).toBe("tool-calls");
      });

      test("reports usage with the cached part counted into the input", async () => {
        next = { text: "Hi", usage: { inputTokens: 100, outputTokens: 7, cacheReadTokens: 60 } };
        const { usage } = await collect(model, requestOf([user("Hi")]));
        expect(usage).toEqual({
          inputTokens: 100,
          outputTokens: 7,
          cacheReadTokens: 60,
          cacheWriteTokens: 0,
          modelCalls: 1,
        });
      });

      test("counts zero tokens when the server reports no usage", async () => {
        next = { text: "Hi", usage: null };
        const { usage } = await collect(model, requestOf([user("Hi")]));
        expect(usage).toEqual({
          inputTokens: 0,
          outputTokens: 0,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          modelCalls: 1,
        });
      });

      test("says when a filter or the length limit stopped it", async () => {
        next = { text: "Half", finish: subject.finishes.filtered };
        expect((await collect(model, requestOf([user("Hi")]))).finish).toBe("content-filter");
        next = { text: "Half", finish: subject.finishes.length };
        expect((await collect(model, requestOf([user("Hi")]))).finish).toBe("length");
      });
    });

    describe("a request", () => {
      test("carries system prompt, tools and a conversation with tool results and a message in between", async () => {
        await collect(model, requestOf(longHistory));
        expect(server.requests).toHaveLength(1);
        expect(server.requests[0]).toMatchObject({
          model: "test-model",
          system: "You are terse.",
          tools: [weather],
          messages: longHistory,
        });
      });

      test("lets roles alternate where the person wrote twice, and drops what is blank", async () => {
        await collect(
          model,
          requestOf([user("One"), user("Two"), assistant("", call("call_1", "Paris")), tool("call_1", "")]),
        );
        const roles = server.requests[0]?.messages.map(({ role }) => role);
        expect(roles).toEqual(["user", "assistant", "tool"]);
        expect(server.requests[0]?.messages[0]).toEqual(user("One\n\nTwo"));
      });

      test("survives half a surrogate pair", async () => {
        await collect(model, requestOf([user("cut \ud83d")]));
        expect(server.requests[0]?.messages).toEqual([user("cut \ufffd")]);
      });

      test("has equal bytes for equal input", async () => {
        await collect(model, requestOf(longHistory));
        await collect(model, requestOf(structuredClone(longHistory)));
        expect(server.requests[1]?.raw).toBe(server.requests[0]?.raw);
      });

      test("begins with the bytes of the earlier request's messages", async () => {
        for (const length of [1, 4, 5]) await collect(model, requestOf(longHistory.slice(0, length)));
        await collect(model, requestOf([...longHistory, assistant("Grey and blue."), user("Thanks")]));
        const [first, second, third, last] = server.requests.map(subject.messageBytes);
        expect(second?.slice(0, first?.length)).toEqual(first);
        expect(last?.slice(0, third?.length)).toEqual(third);
        expect(last?.length).toBeGreaterThan(third?.length ?? 0);
      });

      test("that forbids tool calls still shows the tools", async () => {
        await collect(model, requestOf(longHistory, { toolChoice: "none" }));
        expect(server.requests[0]?.tools).toEqual([weather]);
        expect(server.requests[0]?.messages).toEqual(longHistory);
      });

      test("needs neither tools nor a system prompt", async () => {
        const { message } = await collect(model, requestOf([user("Hi")], { tools: [], system: "" }));
        expect(message.text).toBe("Hello.");
        expect(server.requests[0]).toMatchObject({ system: "", tools: [] });
      });
    });
  });
  failureSuite(subject);
}
