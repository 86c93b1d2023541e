import { OpenAI } from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ModelEvent, ModelRequest } from "../../../core/providers/provider.ts";
import { openai } from "../../../core/providers/openai.ts";
import { startPracticeModel, type PracticeModel } from "../../../local/practice-model/server.ts";

const request: ModelRequest = {
  model: "practice",
  system: "",
  messages: [{ role: "user", text: "run `pwd`" }],
  tools: [{ name: "terminal", description: "Runs a command.", parameters: { type: "object" } }],
  toolChoice: "auto",
  cacheKey: "ses_1",
};

describe("the practice model's server", () => {
  let server: PracticeModel;
  beforeEach(async () => {
    server = await startPracticeModel();
  });
  afterEach(() => server.close());

  async function ask(more: Partial<ModelRequest> = {}): Promise<ModelEvent[]> {
    const model = await openai.connect({ OPENAI_BASE_URL: server.url });
    const events: ModelEvent[] = [];
    for await (const event of model.complete({ ...request, ...more }, new AbortController().signal)) events.push(event);
    return events;
  }

  test("listens on loopback", () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  });

  test("streams a tool call to the provider", async () => {
    expect(await ask()).toEqual([
      {
        type: "completed",
        message: {
          role: "assistant",
          text: "",
          toolCalls: [{ id: expect.stringMatching(/^call_/), name: "terminal", arguments: '{"command":"pwd"}' }],
        },
        finish: "tool-calls",
        usage: {
          inputTokens: expect.any(Number),
          outputTokens: expect.any(Number),
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          modelCalls: 1,
        },
      },
    ]);
  });

  test("streams text word by word, whole to the last character", async () => {
    const events = await ask({ messages: [{ role: "user", text: "say  über 漢字\n  done " }] });
    const completed = events.at(-1);
    const deltas = events.flatMap((event) => (event.type === "text" ? [event.delta] : []));
    expect(deltas.length).toBeGreaterThan(5);
    expect(completed).toMatchObject({ finish: "stop", message: { text: deltas.join("") } });
    expect(deltas.join("")).toMatch(/über 漢字/);
  });

  test("counts four characters a token", async () => {
    const short = (await ask()).at(-1);
    const long = (await ask({ system: "x".repeat(4000) })).at(-1);
    if (short?.type !== "completed" || long?.type !== "completed") throw new Error("no completion");
    expect(long.usage.inputTokens - short.usage.inputTokens).toBeGreaterThanOrEqual(1000);
    expect(long.usage.inputTokens - short.usage.inputTokens).toBeLessThan(1020);
  });

  test("answers without a stream too, and lists itself", async () => {
    const client = new OpenAI({ baseURL: server.url, apiKey: "none", maxRetries: 0 });
    const completion = await client.chat.completions.create({
      model: "practice",
      messages: [{ role: "user", content: "hello" }],
    });
    expect(completion.choices[0]?.message.content).toContain("Hello!");
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(["practice"]);
  });

  test("refuses what is no completion request", async () => {
    const post = (path: string, body: string) => fetch(`${server.url}${path}`, { method: "POST", body });
    expect((await post("/chat/completions", "{broken")).status).toBe(400);
    expect((await post("/embeddings", "{}")).status).toBe(404);
  });
});
