import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";
import type { Message } from "../../core/conversation/message.ts";
import { argumentsText, chunks, usageOf, type Frame, type ModelApi } from "./model-call.ts";
import { encodeEvent } from "./model-event-stream.ts";
import type { Reply } from "./model-server.ts";

/**
 * The part of Converse and ConverseStream that is read here, with the service's own limits on ids and texts
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).
 */
const textSchema = z.object({ text: z.string().regex(/\S/, "The text field is blank.") }).strict();
const cachePointSchema = z.object({ cachePoint: z.object({ type: z.literal("default") }) }).strict();
const toolUseSchema = z.object({
  toolUse: z.object({
    toolUseId: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    input: z.record(z.string(), z.unknown()),
  }),
});
const toolResultSchema = z.object({
  toolResult: z.object({ toolUseId: z.string(), content: z.array(textSchema).min(1), status: z.string().optional() }),
});
const messageSchema = z.object({
  role: z.enum(["user", "assistant"]),
  content: z.array(z.union([textSchema, cachePointSchema, toolUseSchema, toolResultSchema])).min(1),
});
const requestSchema = z.object({
  system: z.array(z.union([textSchema, cachePointSchema])).optional(),
  messages: z.array(messageSchema).min(1),
  toolConfig: z
    .object({
      tools: z
        .array(
          z.object({
            toolSpec: z.object({
              name: z.string(),
              description: z.string().min(1),
              inputSchema: z.object({ json: z.record(z.string(), z.unknown()) }),
            }),
          }),
        )
        .min(1),
    })
    .optional(),
});
type WireRequest = z.infer<typeof requestSchema>;
type WireMessage = z.infer<typeof messageSchema>;

const invalid = (message: string) => ({ error: { status: 400, message, type: "ValidationException" } });

export const bedrockApi: ModelApi = {
  name: "bedrock",
  contentType: "application/vnd.amazon.eventstream",

  read(path, body) {
    const match = /^\/model\/([^/]+)\/(converse|converse-stream)$/.exec(path);
    if (!match) return undefined;
    const parsed = requestSchema.safeParse(parseJson(body));
    if (!parsed.success) return invalid(z.prettifyError(parsed.error));
    const complaint = firstComplaint(parsed.data);
    if (complaint) return invalid(complaint);
    return {
      asked: { model: decodeURIComponent(match[1] ?? ""), ...normalise(parsed.data) },
      streams: match[2] === "converse-stream",
    };
  },

  frames(reply, asked) {
    const textParts = chunks(reply.text ?? "", reply.chunkSize);
    const usage = usageOf(reply, asked);
    return [
      event("open", "messageStart", { role: "assistant" }),
      ...textParts.map((text) => event("text", "contentBlockDelta", { contentBlockIndex: 0, delta: { text } })),
      ...(textParts.length > 0 ? [event("open", "contentBlockStop", { contentBlockIndex: 0 })] : []),
      ...toolUses(reply).flatMap((call, index) => callFrames(call, index + (textParts.length > 0 ? 1 : 0), reply)),
      event("finish", "messageStop", { stopReason: stopReason(reply) }),
      ...(usage ? [event("finish", "metadata", { usage: wireUsage(usage), metrics: { latencyMs: 1 } })] : []),
    ];
  },

  whole(reply, asked) {
    const calls = toolUses(reply).map(({ input, ...call }) => ({ toolUse: { ...call, input: parseJson(input) } }));
    const content = [...(reply.text ? [{ text: reply.text }] : []), ...calls];
    const usage = usageOf(reply, asked);
    return {
      output: { message: { role: "assistant", content } },
      stopReason: stopReason(reply),
      usage: usage && wireUsage(usage),
      metrics: { latencyMs: 1 },
    };
  },

  error: ({ message, type = "InternalServerException" }) => ({
    headers: { "x-amzn-errortype": type },
    body: { message },
  }),
  errorEvent: ({ message, type = "InternalServerException" }) =>
    encodeEvent(
      // On the stream an exception is named by its member: lower case at the beginning.
      {
        ":exception-type": type.charAt(0).toLowerCase() + type.slice(1),
        ":content-type": "application/json",
        ":message-type": "exception",
      },
      { message },
    ),
};

const event = (kind: Frame["kind"], type: string, payload: unknown): Frame => ({
  kind,
  bytes: encodeEvent({ ":event-type": type, ":content-type": "application/json", ":message-type": "event" }, payload),
});

const toolUses = (reply: Reply) =>
  (reply.toolCalls ?? []).map((call) => ({
    toolUseId: call.id ?? `tooluse_${crypto.randomUUID().replaceAll("-", "").slice(0, 22)}`,
    name: call.name,
    input: argumentsText(call.arguments),
  }));

function callFrames(call: ReturnType<typeof toolUses>[number], contentBlockIndex: number, reply: Reply): Frame[] {
  const { input, ...toolUse } = call;
  return [
    event("open", "contentBlockStart", { contentBlockIndex, start: { toolUse } }),
    ...chunks(input, reply.chunkSize).map((part) =>
      event("arguments", "contentBlockDelta", { contentBlockIndex, delta: { toolUse: { input: part } } }),
    ),
    event("open", "contentBlockStop", { contentBlockIndex }),
  ];
}

const stopReason = (reply: Reply): string => reply.finish ?? (reply.toolCalls?.length ? "tool_use" : "end_turn");

/** Bedrock's `inputTokens` leaves out what came from or went to the cache. */
const wireUsage = (usage: NonNullable<ReturnType<typeof usageOf>>) => {
  const inputTokens = usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens;
  return {
    inputTokens,
    outputTokens: usage.outputTokens,
    totalTokens: usage.inputTokens + usage.outputTokens,
    cacheReadInputTokens: usage.cacheReadTokens,
    cacheWriteInputTokens: usage.cacheWriteTokens,
  };
};

const idsOf = (message: WireMessage | undefined, kind: "toolUse" | "toolResult"): string[] =>
  (message?.content ?? []).flatMap((block) => {
    if (kind === "toolUse") return "toolUse" in block ? [block.toolUse.toolUseId] : [];
    return "toolResult" in block ? [block.toolResult.toolUseId] : [];
  });

/** What the real service refuses although the shape is right. */
function firstComplaint({ messages, toolConfig }: WireRequest): string | undefined {
  if (messages[0]?.role !== "user") return "A conversation must start with a user message.";
  for (const [index, message] of messages.entries()) {
    const before = messages[index - 1];
    if (before?.role === message.role) return "A conversation must alternate between user and assistant roles.";
    const asked = idsOf(before, "toolUse");
    const answered = idsOf(message, "toolResult");
    if (asked.toString() !== answered.toString())
      return `toolUse ids ${asked.join()} are not answered in order by ${answered.join()}`;
    if (new Set(asked).size < asked.length) return "Duplicate toolUse ids.";
    const usesTools = asked.length > 0 || idsOf(message, "toolUse").length > 0;
    if (usesTools && !toolConfig)
      return "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
  }
  return undefined;
}

function normalise(body: WireRequest) {
  const names = new Map<string, string>();
  return {
    system: (body.system ?? []).flatMap((block) => ("text" in block ? [block.text] : [])).join("\n\n"),
    messages: body.messages.flatMap((message) => normaliseMessage(message, names)),
    tools: (body.toolConfig?.tools ?? []).map(({ toolSpec }) => ({
      name: toolSpec.name,
      description: toolSpec.description,
      parameters: toolSpec.inputSchema.json,
    })),
    // The wire has no word for "none".
    toolChoice: "auto" as const,
  };
}

/** A user message of the wire holds tool results and text: here they are messages of their own. */
function normaliseMessage({ role, content }: WireMessage, names: Map<string, string>): Message[] {
  const text = content.flatMap((block) => ("text" in block ? [block.text] : [])).join("\n\n");
  if (role === "assistant") {
    const toolCalls = content.flatMap((block) =>
      "toolUse" in block
        ? [{ id: block.toolUse.toolUseId, name: block.toolUse.name, arguments: JSON.stringify(block.toolUse.input) }]
        : [],
    );
    for (const call of toolCalls) names.set(call.id, call.name);
    return [{ role, text, toolCalls }];
  }
  const results = content.flatMap((block): Message[] => {
    if (!("toolResult" in block)) return [];
    const { toolUseId: callId, content: parts } = block.toolResult;
    return [{ role: "tool", callId, name: names.get(callId) ?? "", content: parts.map((part) => part.text).join("") }];
  });
  return text ? [...results, { role: "user", text }] : results;
}
