import { afterEach, describe, expect, test } from "vitest";
import { openai } from "../../../core/providers/openai.ts";
import { toWireRequest } from "../../../core/providers/openai-messages.ts";
import type { ModelRequest } from "../../../core/providers/provider.ts";
import { providerSuite } from "../../contracts/provider-suite.ts";
import { startModelServer, type ModelServer, type Reply } from "../../fakes/model-server.ts";

const secret = "sk-test-0123456789abcdef";

providerSuite({
  name: "openai",
  secret,
  connect: (server) => openai.connect({ OPENAI_API_KEY: secret, OPENAI_BASE_URL: server.openaiUrl }),
  errors: {
    unauthorized: { code: "invalid_api_key" },
    rateLimited: { code: "rate_limit_exceeded" },
    fault: { type: "server_error" },
    missingModel: { code: "model_not_found" },
    overflow: { code: "context_length_exceeded" },
    badRequest: { type: "invalid_request_error" },
  },
  finishes: { filtered: "content_filter", length: "length" },
  messageBytes: (seen) =>
    (JSON.parse(seen.raw) as { messages: unknown[] }).messages.map((message) => JSON.stringify(message)),
});

const request: ModelRequest = {
  model: "test-model",
  system: "Be brief.",
  messages: [{ role: "user", text: "Hi" }],
  tools: [{ name: "look", description: "Looks.", parameters: { type: "object" } }],
  toolChoice: "auto",
  cacheKey: "ses_1",
};

describe("openai", () => {
  let server: ModelServer | undefined;
  afterEach(() => server?.close());

  async function ask(reply: Reply, more: Partial<ModelRequest> = {}) {
    server = await startModelServer(() => reply);
    const model = await openai.connect({ OPENAI_BASE_URL: server.openaiUrl });
    for await (const event of model.complete({ ...request, ...more }, new AbortController().signal)) {
      if (event.type === "completed") return { completed: event, seen: server.requests[0] };
    }
    throw new Error("no completion");
  }

  test("refuses to connect without key and base URL, and says which to set", async () => {
    await expect(openai.connect({})).rejects.toThrow(/OPENAI_API_KEY.*OPENAI_BASE_URL/);
  });

  test("refuses a key with a line break without showing it", async () => {
    const failed: unknown = await openai.connect({ OPENAI_API_KEY: "sk-abc\ndef" }).catch((error: unknown) => error);
    expect(String(failed)).toContain("OPENAI_API_KEY");
    expect(String(failed)).not.toContain("sk-abc");
  });

  test("refuses a base URL that is no web address", async () => {
    await expect(openai.connect({ OPENAI_BASE_URL: "localhost:11434" })).rejects.toMatchObject({
      code: "model.bad-base-url",
    });
  });

  test("works without a key where a base URL is given, and sends no cache key to a foreign host", async () => {
    const { seen } = await ask({ text: "Hello" });
    expect(JSON.parse(seen?.raw ?? "")).not.toHaveProperty("prompt_cache_key");
    expect(JSON.parse(seen?.raw ?? "")).not.toHaveProperty("parallel_tool_calls");
  });

  test("hands the cache key to OpenAI itself", () => {
    expect(toWireRequest(request, true)).toHaveProperty("prompt_cache_key", "ses_1");
  });

  test("asks for the usage and says `none` where tool calls are forbidden", async () => {
    const { seen } = await ask({ text: "Hello" }, { toolChoice: "none" });
    expect(seen?.toolChoice).toBe("none");
    expect(JSON.parse(seen?.raw ?? "")).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  test("gives calls whose ids repeat their own, since results are matched by id", async () => {
    const look = { id: "call_0", name: "look", arguments: {} };
    const { completed } = await ask({ toolCalls: [look, look] });
    const ids = completed.message.toolCalls.map(({ id }) => id);
    expect(ids[0]).toBe("call_0");
    expect(new Set(ids).size).toBe(2);
  });

  test("takes tool calls seriously although the server says `stop`", async () => {
    const { completed } = await ask({ toolCalls: [{ name: "look", arguments: {} }], finish: "stop" });
    expect(completed.finish).toBe("tool-calls");
  });

  test("refuses a spent quota although it comes as 429", async () => {
    const error = { status: 429, message: "You exceeded your current quota", code: "insufficient_quota" };
    await expect(ask({ error })).rejects.toMatchObject({ kind: "refused", code: "model.quota" });
  });
});
