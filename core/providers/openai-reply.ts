import type OpenAI from "openai";
import { newId } from "../base/ids.ts";
import type { ToolCall } from "../conversation/message.ts";
import type { Usage } from "../conversation/usage.ts";
import type { FinishReason, ModelEvent } from "./provider.ts";

type Chunk = OpenAI.ChatCompletionChunk;
type CallDelta = OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall;

/** Puts the chunks of one streamed completion together. */
export class OpenAIReply {
  #text = "";
  #calls: ToolCall[] = [];
  /** Where a call's `index` on the wire is kept in `#calls`. */
  #positions = new Map<number, number>();
  #finish: string | undefined;
  #usage: OpenAI.CompletionUsage | undefined;

  /** Takes one chunk; returns the text that it brought, which may be empty. */
  add(chunk: Chunk): string {
    // Some servers repeat the usage in every chunk: the last one counts the whole answer.
    if (chunk.usage) this.#usage = chunk.usage;
    const choice = chunk.choices?.[0];
    if (!choice) return "";
    if (choice.finish_reason) this.#finish = choice.finish_reason;
    for (const delta of choice.delta?.tool_calls ?? []) this.#addCall(delta);
    const text = choice.delta?.content ?? choice.delta?.refusal ?? "";
    this.#text += text;
    return text;
  }

  /** The closing event; `undefined` when the stream ended without a finish reason. */
  complete(): ModelEvent | undefined {
    if (this.#finish === undefined) return undefined;
    const toolCalls = withDistinctIds(this.#calls);
    return {
      type: "completed",
      message: { role: "assistant", text: this.#text, toolCalls },
      finish: toFinish(this.#finish, toolCalls.length > 0),
      usage: toUsage(this.#usage),
    };
  }

  /** Some servers number every call 0, or none: a new id under a known index is then a new call. */
  #addCall(delta: CallDelta): void {
    const index = delta.index ?? 0;
    const position = this.#positions.get(index);
    const known = position === undefined ? undefined : this.#calls[position];
    const isNew = !known || (delta.id && known.id && delta.id !== known.id);
    const call = isNew ? { id: "", name: "", arguments: "" } : known;
    if (isNew) this.#positions.set(index, this.#calls.push(call) - 1);
    if (delta.id) call.id = delta.id;
    if (delta.function?.name) call.name = delta.function.name;
    call.arguments += delta.function?.arguments ?? "";
  }
}

/** A call without an id, or with one that this message has already, gets its own: results are matched by id. */
function withDistinctIds(calls: readonly ToolCall[]): ToolCall[] {
  const seen = new Set<string>();
  return calls.map((call) => {
    const id = call.id && !seen.has(call.id) ? call.id : newId("call");
    seen.add(id);
    return { id, name: call.name, arguments: call.arguments.trim() ? call.arguments : "{}" };
  });
}

/** Many servers say "stop" beside tool calls; what is in the message counts. */
function toFinish(reason: string, hasCalls: boolean): FinishReason {
  if (reason === "length") return "length";
  if (reason === "content_filter") return "content-filter";
  return hasCalls ? "tool-calls" : "stop";
}

const toUsage = (usage: OpenAI.CompletionUsage | undefined): Usage => ({
  inputTokens: usage?.prompt_tokens ?? 0,
  outputTokens: usage?.completion_tokens ?? 0,
  cacheReadTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
  // OpenAI does not bill for writing to its cache.
  cacheWriteTokens: 0,
  modelCalls: 1,
});
