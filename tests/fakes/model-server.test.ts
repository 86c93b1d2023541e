import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { OpenAI } from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startModelServer, type ModelServer } from "./model-server.ts";

describe("the scripted model", () => {
  let server: ModelServer;
  beforeEach(async () => {
    server = await startModelServer(({ index }) => ({
      text: `Reply ${index}.`,
      toolCalls: [{ id: "call_1", name: "look", arguments: { at: "it" } }],
    }));
  });
  afterEach(() => server.close());

  const openai = () => new OpenAI({ baseURL: server.openaiUrl, apiKey: "none", maxRetries: 0 });
  const bedrock = () =>
    new BedrockRuntimeClient({
      endpoint: server.bedrockUrl,
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 1,
    });

  test("answers OpenAI's client without a stream", async () => {
    const { choices, usage } = await openai().chat.completions.create({
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
    });
    expect(choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        content: "Reply 0.",
        tool_calls: [{ id: "call_1", function: { name: "look", arguments: '{"at":"it"}' } }],
      },
    });
    expect(usage?.prompt_tokens).toBeGreaterThan(0);
  });

  test("answers Bedrock's client without a stream", async () => {
    const { output, stopReason } = await bedrock().send(
      new ConverseCommand({ modelId: "a/b:0", messages: [{ role: "user", content: [{ text: "Hi" }] }] }),
    );
    expect(stopReason).toBe("tool_use");
    expect(output?.message?.content).toEqual([
      { text: "Reply 0." },
      { toolUse: { toolUseId: "call_1", name: "look", input: { at: "it" } } },
    ]);
    expect(server.requests[0]).toMatchObject({
      api: "bedrock",
      model: "a/b:0",
      messages: [{ role: "user", text: "Hi" }],
    });
  });

  test("refuses tool calls without a result, as OpenAI does", async () => {
    const call = { id: "call_1", type: "function" as const, function: { name: "look", arguments: "{}" } };
    const asking = openai().chat.completions.create({
      model: "m",
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "user", content: "Well?" },
      ],
    });
    await expect(asking).rejects.toThrow(/must be followed by tool messages/);
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    [
      "roles that do not alternate",
      [
        { role: "user" as const, content: [{ text: "a" }] },
        { role: "user" as const, content: [{ text: "b" }] },
      ],
      /alternate/,
    ],
    ["a blank text", [{ role: "user" as const, content: [{ text: " " }] }], /text field is blank/],
    [
      "a beginning by the assistant",
      [{ role: "assistant" as const, content: [{ text: "a" }] }],
      /start with a user message/,
    ],
  ])("refuses %s, as Bedrock does", async (_name, messages, expected) => {
    await expect(bedrock().send(new ConverseCommand({ modelId: "m", messages }))).rejects.toThrow(expected);
  });
});
