import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bedrock } from "../../../core/providers/bedrock.ts";
import type { Message } from "../../../core/conversation/message.ts";
import type { ModelRequest } from "../../../core/providers/provider.ts";
import { providerSuite } from "../../contracts/provider-suite.ts";
import { startModelServer, type ModelServer } from "../../fakes/model-server.ts";

/** The unchanged client finds the local server in the environment, as it does in the embedded cloud. */
function connectByKey(server: ModelServer) {
  vi.stubEnv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.bedrockUrl);
  return bedrock.connect({ AWS_REGION: "us-east-1", AWS_BEARER_TOKEN_BEDROCK: secret });
}

/** The way of a deployed function: the environment holds the role's credentials. */
function connectByRole(server: ModelServer) {
  vi.stubEnv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.bedrockUrl);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  return bedrock.connect({ AWS_REGION: "us-east-1" });
}

const secret = "bedrock-api-key-0123456789";

afterEach(() => vi.unstubAllEnvs());

interface WireBody {
  system?: object[];
  messages: { role: string; content: object[] }[];
}
const bodyOf = (raw = ""): WireBody => JSON.parse(raw) as WireBody;
const isMark = (block: object): boolean => "cachePoint" in block;

providerSuite({
  name: "bedrock",
  secret,
  connect: connectByKey,
  errors: {
    unauthorized: { type: "UnrecognizedClientException" },
    rateLimited: { type: "ThrottlingException" },
    fault: { type: "InternalServerException" },
    missingModel: { type: "ResourceNotFoundException" },
    overflow: { type: "ValidationException" },
    badRequest: { type: "ValidationException" },
  },
  finishes: { filtered: "guardrail_intervened", length: "max_tokens" },
  // One block of the wire is the unit here: results and later texts share a message.
  messageBytes: (seen) =>
    bodyOf(seen.raw).messages.flatMap(({ role, content }) =>
      content.filter((block) => !isMark(block)).map((block) => role + JSON.stringify(block)),
    ),
});

const request = (messages: Message[], more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: "us.anthropic.claude-sonnet-4-6",
  system: "Be brief.",
  messages,
  tools: [{ name: "look", description: "Looks.", parameters: { type: "object" } }],
  toolChoice: "auto",
  cacheKey: "ses_1",
  ...more,
});

const hello: Message = { role: "user", text: "Hi" };
const looked = (id: string, written = "{}"): Message[] => [
  hello,
  { role: "assistant", text: "", toolCalls: [{ id, name: "look", arguments: written }] },
  { role: "tool", callId: id, name: "look", content: "{}" },
];

describe("bedrock", () => {
  let server: ModelServer;
  beforeEach(async () => {
    server = await startModelServer(() => ({ text: "Hello." }));
  });
  afterEach(() => server.close());

  async function sent(asked: ModelRequest): Promise<WireBody> {
    const model = await connectByRole(server);
    for await (const _event of model.complete(asked, new AbortController().signal));
    return bodyOf(server.requests.at(-1)?.raw);
  }

  test("marks the end of the system prompt and the two newest user messages for models that cache", async () => {
    const { system, messages } = await sent(request([...looked("call_1"), { role: "user", text: "Go on" }]));
    expect(system).toEqual([{ text: "Be brief." }, { cachePoint: { type: "default" } }]);
    expect(messages.map(({ content }) => content.map(isMark))).toEqual([[false, true], [false], [false, false, true]]);
  });

  test.each([
    "meta.llama3-3-70b-instruct-v1:0",
    "us.anthropic.claude-3-opus-20240229-v1:0",
    "arn:aws:bedrock:us-east-1:1:application-inference-profile/a",
  ])("sends no markers to %s", async (model) => {
    const { system, messages } = await sent(request([hello], { model }));
    expect([...(system ?? []), ...messages.flatMap(({ content }) => content)].some(isMark)).toBe(false);
  });

  test.each([
    "global.anthropic.claude-opus-4-5-20251101-v1:0",
    "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "eu.amazon.nova-pro-v1:0",
  ])("sends markers to %s", async (model) => {
    expect((await sent(request([hello], { model }))).system?.some(isMark)).toBe(true);
  });

  test("replaces call ids that Bedrock refuses, each by the same one every time", async () => {
    const [first, second] = [`call|${"x".repeat(80)}`, `call/${"x".repeat(80)}`];
    await sent(request([...looked(first), { role: "assistant", text: "Done.", toolCalls: [] }, ...looked(second)]));
    const ids = server.requests[0]?.messages.flatMap((message) => (message.role === "tool" ? [message.callId] : []));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids ?? []) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  test.each(["{broken", "[1]", "null", '"text"'])("sends an empty input where the model wrote %s", async (written) => {
    await sent(request(looked("call_1", written)));
    expect(server.requests[0]?.messages[1]).toMatchObject({ toolCalls: [{ arguments: "{}" }] });
  });

  test("begins with a user message even when the history does not", async () => {
    await sent(request([{ role: "assistant", text: "Good morning!", toolCalls: [] }, hello]));
    expect(server.requests[0]?.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
  });

  test("forbids tool calls by a sentence behind the cached system prompt", async () => {
    const { system } = await sent(request([hello], { toolChoice: "none" }));
    expect(system?.slice(0, 2)).toEqual([{ text: "Be brief." }, { cachePoint: { type: "default" } }]);
    expect(system?.[2]).toHaveProperty("text", expect.stringMatching(/not call any tool/));
  });

  test("describes tools that a history used although none is offered any more", async () => {
    await sent(request(looked("call_1"), { tools: [] }));
    expect(server.requests[0]?.tools.map(({ name }) => name)).toEqual(["look"]);
  });

  test("signs with the role's credentials where no API key is given", async () => {
    await sent(request([hello]));
    expect(server.requests[0]?.headers["authorization"]).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/);
  });

  test("uses the API key where one is given", async () => {
    const model = await connectByKey(server);
    for await (const _event of model.complete(request([hello]), new AbortController().signal));
    expect(server.requests[0]?.headers["authorization"]).toBe(`Bearer ${secret}`);
  });
});
