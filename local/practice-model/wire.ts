import * as z from "zod";
import type { Message } from "../../core/conversation/message.ts";
import type { Prompt, Reply } from "./practice-model.ts";

/** POST /v1/chat/completions, as much of it as a text model with tools needs. Unknown fields are ignored. */
export const requestSchema = z.object({
  model: z.string().default("practice"),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).optional(),
  tool_choice: z.unknown().optional(),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.string().nullish(),
      tool_call_id: z.string().default(""),
      tool_calls: z
        .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
        .default([]),
    }),
  ),
});
type WireRequest = z.infer<typeof requestSchema>;

export const toPrompt = (request: WireRequest): Prompt => ({
  system: request.messages.flatMap(({ role, content }) => (isSystem(role) ? [content ?? ""] : [])).join("\n"),
  messages: request.messages.filter(({ role }) => !isSystem(role)).map(toMessage),
  tools: request.tools.map((tool) => tool.function.name),
  mayCall: request.tool_choice !== "none",
});

const isSystem = (role: string): boolean => role === "system" || role === "developer";

function toMessage({
  role,
  content,
  tool_call_id: callId,
  tool_calls: calls,
}: WireRequest["messages"][number]): Message {
  if (role === "tool") return { role, callId, name: "", content: content ?? "" };
  if (role !== "assistant") return { role: "user", text: content ?? "" };
  return { role, text: content ?? "", toolCalls: calls.map((call) => ({ id: call.id, ...call.function })) };
}

const charactersPerToken = 4;
const tokens = (text: string): number => Math.ceil(text.length / charactersPerToken);

export function usage(body: string, reply: Reply) {
  const promptTokens = tokens(body);
  const completionTokens = tokens("text" in reply ? reply.text : JSON.stringify(reply.call));
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

const completionId = (): string => `chatcmpl-${crypto.randomUUID()}`;

const toolCalls = (reply: Reply) =>
  "text" in reply
    ? []
    : [
        {
          id: `call_${crypto.randomUUID()}`,
          type: "function",
          function: { name: reply.call.tool, arguments: JSON.stringify(reply.call.arguments) },
        },
      ];

const finishReason = (reply: Reply): string => ("text" in reply ? "stop" : "tool_calls");

/** The answer as one document. */
export function toCompletion(request: WireRequest, reply: Reply, used: ReturnType<typeof usage>) {
  const calls = toolCalls(reply);
  const content = "text" in reply ? reply.text : null;
  return {
    id: completionId(),
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model: request.model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) },
        finish_reason: finishReason(reply),
      },
    ],
    usage: used,
  };
}

/** The answer as server-sent events: text word by word, as a language model would write it. */
export function toEvents(request: WireRequest, reply: Reply, used: ReturnType<typeof usage>): string[] {
  const head = {
    id: completionId(),
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model: request.model,
  };
  const delta = (content: object, finish: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta: content, finish_reason: finish }],
  });
  const words = "text" in reply ? (reply.text.match(/\s*\S+\s*/g) ?? []) : [];
  const chunks: object[] = [
    delta({ role: "assistant", content: "" }),
    ...words.map((content) => delta({ content })),
    ...toolCalls(reply).map((call, index) => delta({ tool_calls: [{ index, ...call }] })),
    delta({}, finishReason(reply)),
    ...(request.stream_options?.include_usage ? [{ ...head, choices: [], usage: used }] : []),
  ];
  return [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"].map((data) => `data: ${data}\n\n`);
}
