import { newId } from "../base/ids.ts";
import { retryable } from "../base/errors.ts";
import type { AssistantMessage, Message, ToolCall } from "../conversation/message.ts";
import type { FinishReason, Model, ModelRequest } from "../providers/provider.ts";
import type { Usage } from "../conversation/usage.ts";

export interface Answer {
  message: AssistantMessage;
  finish: FinishReason;
  usage: Usage;
}

/** Call ids must tell results apart, and some servers count from 0 in every answer: a known or empty id is replaced. */
function withDistinctIds(calls: readonly ToolCall[], history: readonly Message[]): ToolCall[] {
  const seen = new Set(history.flatMap((message) => (message.role === "tool" ? [message.callId] : [])));
  return calls.map((call) => {
    const id = call.id === "" || seen.has(call.id) ? newId("call") : call.id;
    seen.add(id);
    return { ...call, id };
  });
}

/** One model call, from request to whole answer; `onText` is handed all text so far whenever more has come. */
export async function askModel(
  model: Model,
  request: ModelRequest,
  { signal, onText }: { signal: AbortSignal; onText: (text: string) => void },
): Promise<Answer> {
  let text = "";
  for await (const event of model.complete(request, signal)) {
    if (event.type === "completed") {
      const message = { ...event.message, toolCalls: withDistinctIds(event.message.toolCalls, request.messages) };
      return { message, finish: event.finish, usage: event.usage };
    }
    text += event.delta;
    onText(text);
  }
  throw retryable("The model's answer ended before it was complete.", { code: "model.stream-cut" });
}
