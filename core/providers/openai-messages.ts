import type OpenAI from "openai";
import type { AssistantMessage, Message } from "../conversation/message.ts";
import type { ModelRequest } from "./provider.ts";

type WireMessage = OpenAI.ChatCompletionMessageParam;
type WireRequest = OpenAI.ChatCompletionCreateParamsStreaming;

/**
 * The request body. Equal input gives equal bytes, and what may differ between two requests of a session (messages,
 * tool choice) comes last, so that the body of a later request begins like the earlier one.
 */
export function toWireRequest(request: ModelRequest, usesCacheKey: boolean): WireRequest {
  return {
    model: request.model,
    stream: true,
    stream_options: { include_usage: true },
    ...(usesCacheKey && { prompt_cache_key: request.cacheKey }),
    ...(request.tools.length > 0 && {
      tools: request.tools.map((tool) => ({ type: "function" as const, function: { ...tool } })),
    }),
    messages: toWireMessages(request),
    ...(request.tools.length > 0 && request.toolChoice === "none" && { tool_choice: "none" as const }),
  };
}

function toWireMessages(request: ModelRequest): WireMessage[] {
  const system: WireMessage[] = request.system ? [{ role: "system", content: clean(request.system) }] : [];
  return [...system, ...joinUserMessages(request.messages).map(toWireMessage)];
}

/** Neighbouring user messages become one: chat templates of many open models insist that roles alternate. */
function joinUserMessages(messages: readonly Message[]): Message[] {
  const joined: Message[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (message.role === "user" && last?.role === "user") {
      joined[joined.length - 1] = { role: "user", text: `${last.text}\n\n${message.text}` };
    } else {
      joined.push(message);
    }
  }
  return joined;
}

function toWireMessage(message: Message): WireMessage {
  switch (message.role) {
    case "user":
      return { role: "user", content: clean(message.text) };
    case "assistant":
      return toWireAssistant(message);
    case "tool":
      return { role: "tool", tool_call_id: message.callId, content: clean(message.content) };
  }
}

/** `content` may be null only beside tool calls. */
function toWireAssistant({ text, toolCalls }: AssistantMessage): WireMessage {
  if (toolCalls.length === 0) return { role: "assistant", content: clean(text) };
  return {
    role: "assistant",
    content: clean(text) || null,
    tool_calls: toolCalls.map((call) => ({
      id: call.id,
      type: "function",
      function: { name: call.name, arguments: clean(call.arguments) },
    })),
  };
}

/** Half of a surrogate pair (a text cut in the middle of an emoji) makes the body invalid for most servers. */
const clean = (text: string): string => text.toWellFormed();
