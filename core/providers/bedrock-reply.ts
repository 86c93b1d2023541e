import type { ConverseStreamOutput, TokenUsage } from "@aws-sdk/client-bedrock-runtime";
import type { ToolCall } from "../conversation/message.ts";
import type { Usage } from "../conversation/usage.ts";
import type { FinishReason, ModelEvent } from "./provider.ts";

/** Puts the events of one ConverseStream together. */
export class BedrockReply {
  #text = "";
  /** By content block; a map keeps the order in which the blocks began. */
  #calls = new Map<number, ToolCall>();
  #stopReason: string | undefined;
  #usage: TokenUsage | undefined;

  /** Takes one event; returns the text that it brought, which may be empty. */
  add(event: ConverseStreamOutput): string {
    if (event.messageStop) this.#stopReason = event.messageStop.stopReason ?? "end_turn";
    if (event.metadata) this.#usage = event.metadata.usage;
    const started = event.contentBlockStart;
    if (started?.start?.toolUse) {
      const { toolUseId = "", name = "" } = started.start.toolUse;
      this.#calls.set(started.contentBlockIndex ?? 0, { id: toolUseId, name, arguments: "" });
    }
    const { contentBlockIndex = 0, delta } = event.contentBlockDelta ?? {};
    const call = this.#calls.get(contentBlockIndex);
    if (call) call.arguments += delta?.toolUse?.input ?? "";
    const text = delta?.text ?? "";
    this.#text += text;
    return text;
  }

  /** The closing event; `undefined` when the stream ended without `messageStop`. */
  complete(): ModelEvent | undefined {
    if (this.#stopReason === undefined) return undefined;
    const toolCalls = [...this.#calls.values()].map((call) => ({
      ...call,
      arguments: call.arguments.trim() ? call.arguments : "{}",
    }));
    return {
      type: "completed",
      message: { role: "assistant", text: this.#text, toolCalls },
      finish: toFinish(this.#stopReason, toolCalls.length > 0),
      usage: toUsage(this.#usage),
    };
  }
}

const finishes: Record<string, FinishReason> = {
  max_tokens: "length",
  model_context_window_exceeded: "length",
  content_filtered: "content-filter",
  guardrail_intervened: "content-filter",
};

const toFinish = (stopReason: string, hasCalls: boolean): FinishReason =>
  finishes[stopReason] ?? (hasCalls ? "tool-calls" : "stop");

/** Bedrock counts cached tokens apart; here they belong to the prompt. */
function toUsage(usage: TokenUsage | undefined): Usage {
  const cacheReadTokens = usage?.cacheReadInputTokens ?? 0;
  const cacheWriteTokens = usage?.cacheWriteInputTokens ?? 0;
  return {
    inputTokens: (usage?.inputTokens ?? 0) + cacheReadTokens + cacheWriteTokens,
    outputTokens: usage?.outputTokens ?? 0,
    cacheReadTokens,
    cacheWriteTokens,
    modelCalls: 1,
  };
}
