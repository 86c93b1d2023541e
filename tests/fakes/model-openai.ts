import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";
import type { Message, ToolCall } from "../../core/conversation/message.ts";
import { argumentsText, chunks, usageOf, type Frame, type ModelApi } from "./model-call.ts";
import type { Reply, ReplyError } from "./model-server.ts";

/** The part of POST /v1/chat/completions that is read here (https://platform.openai.com/docs/api-reference/chat). */
const toolCallSchema = z.object({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.object({ name: z.string().min(1), arguments: z.string() }),
});
const messageSchema = z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), content: z.string() }),
  z.object({ role: z.literal("user"), content: z.string() }),
  z.object({
    role: z.literal("assistant"),
    content: z.string().nullable(),
    tool_calls: z.array(toolCallSchema).min(1).optional(),
  }),
  z.object({ role: z.literal("tool"), tool_call_id: z.string(), content: z.string() }),
]);
const requestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1),
  tools: z
    .array(
      z.object({
        type: z.literal("function"),
        function: z.object({
          name: z.string(),
          description: z.string(),
          parameters: z.record(z.string(), z.unknown()),
        }),
      }),
    )
    .min(1)
    .optional(),
  tool_choice: z.enum(["auto", "none"]).optional(),
  stream: z.boolean().optional(),
  stream_options: z.object({ include_usage: z.boolean() }).optional(),
});
type WireRequest = z.infer<typeof requestSchema>;
type WireMessage = z.infer<typeof messageSchema>;

const badRequest = (message: string) => ({
  error: { status: 400, message, type: "invalid_request_error" },
});

export const openaiApi: ModelApi = {
  name: "openai",
  contentType: "text/event-stream; charset=utf-8",

  read(path, body) {
    if (!path.endsWith("/chat/completions")) return undefined;
    const parsed = requestSchema.safeParse(parseJson(body));
    if (!parsed.success) return badRequest(z.prettifyError(parsed.error));
    const complaint = unansweredCalls(parsed.data.messages);
    if (complaint) return badRequest(complaint);
    return { asked: normalise(parsed.data), streams: parsed.data.stream === true };
  },

  frames(reply, asked) {
    const event = (kind: Frame["kind"], data: unknown): Frame => ({
      kind,
      bytes: Buffer.from(`data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`),
    });
    const chunk = (choices: unknown[], more = {}) => ({
      ...envelope(asked.model, "chat.completion.chunk"),
      choices,
      ...more,
    });
    const delta = (content: unknown, finish: string | null = null) =>
      chunk([{ index: 0, delta: content, finish_reason: finish }]);
    const usage = wireUsage(usageOf(reply, asked));
    return [
      event("open", delta({ role: "assistant", content: "" })),
      ...chunks(reply.text ?? "", reply.chunkSize).map((content) => event("text", delta({ content }))),
      ...wireCalls(reply).flatMap((call, index) => [
        event(
          "open",
          delta({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: "" } }] }),
        ),
        ...chunks(call.function.arguments, reply.chunkSize).map((part) =>
          event("arguments", delta({ tool_calls: [{ index, function: { arguments: part } }] })),
        ),
      ]),
      event("finish", delta({}, finishReason(reply))),
      ...(usage ? [event("finish", chunk([], { usage }))] : []),
      event("finish", "[DONE]"),
    ];
  },

  whole(reply, asked) {
    const calls = wireCalls(reply);
    const message = { role: "assistant", content: reply.text ?? null, ...(calls.length > 0 && { tool_calls: calls }) };
    return {
      ...envelope(asked.model, "chat.completion"),
      choices: [{ index: 0, message, finish_reason: finishReason(reply) }],
      usage: wireUsage(usageOf(reply, asked)),
    };
  },

  error: (error) => ({ headers: {}, body: errorBody(error) }),
  errorEvent: (error) => Buffer.from(`data: ${JSON.stringify(errorBody(error))}\n\n`),
};

const errorBody = ({ message, type = "api_error", code }: ReplyError) => ({
  error: { message, type, param: null, code: code ?? null },
});

const envelope = (model: string, object: string) => ({ id: "chatcmpl-1", object, created: 1_700_000_000, model });

const finishReason = (reply: Reply): string => reply.finish ?? (reply.toolCalls?.length ? "tool_calls" : "stop");

const wireCalls = (reply: Reply) =>
  (reply.toolCalls ?? []).map((call) => ({
    id: call.id ?? `call_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`,
    type: "function",
    function: { name: call.name, arguments: argumentsText(call.arguments) },
  }));

const wireUsage = (usage: ReturnType<typeof usageOf>) =>
  usage && {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
  };

/** OpenAI answers 400 unless every call of an assistant message is answered right after it. */
function unansweredCalls(messages: WireMessage[]): string | undefined {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      if (!open.includes(message.tool_call_id))
        return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'";
      open = open.filter((id) => id !== message.tool_call_id);
    } else {
      if (open.length > 0) break;
      open = message.role === "assistant" ? (message.tool_calls ?? []).map(({ id }) => id) : [];
    }
  }
  return open.length > 0
    ? `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id': ${open.join(", ")}`
    : undefined;
}

function normalise(body: WireRequest) {
  const names = new Map<string, string>();
  const system = body.messages.flatMap((message) => (message.role === "system" ? [message.content] : []));
  return {
    model: body.model,
    system: system.join("\n\n"),
    messages: body.messages.flatMap((message) => normaliseMessage(message, names)),
    tools: (body.tools ?? []).map((tool) => tool.function),
    toolChoice: body.tool_choice ?? ("auto" as const),
  };
}

/** `names` remembers which tool a call id belongs to, since the wire does not repeat the name in the result. */
function normaliseMessage(message: WireMessage, names: Map<string, string>): Message[] {
  if (message.role === "system") return [];
  if (message.role === "user") return [{ role: "user", text: message.content }];
  if (message.role === "tool") {
    const { tool_call_id: callId, content } = message;
    return [{ role: "tool", callId, name: names.get(callId) ?? "", content }];
  }
  const toolCalls: ToolCall[] = (message.tool_calls ?? []).map((call) => ({ id: call.id, ...call.function }));
  for (const call of toolCalls) names.set(call.id, call.name);
  return [{ role: "assistant", text: message.content ?? "", toolCalls }];
}
