import type { Settings, SettingSpec } from "../base/settings.ts";
import type { AssistantMessage, Message } from "../conversation/message.ts";
import type { Usage } from "../conversation/usage.ts";

/** A tool as the model sees it; `parameters` is a JSON Schema object. */
export interface ToolDefinition {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}

export interface ModelRequest {
  /** The model's name at its provider, without the provider's prefix. */
  model: string;
  /** The system prompt: byte-stable for a session. */
  system: string;
  messages: readonly Message[];
  tools: readonly ToolDefinition[];
  /** `none` forbids tool calls for this request while the tools stay in the prompt (the cached prefix stays whole). */
  toolChoice: "auto" | "none";
  /** Stable per session; providers with keyed prompt caches are handed it. */
  cacheKey: string;
}

export type FinishReason = "stop" | "tool-calls" | "length" | "content-filter";

/**
 * What a stream yields. `completed` comes exactly once, last, and holds the whole message; a stream that ends
 * without it was cut, and the provider must throw a retryable error instead of ending quietly.
 */
export type ModelEvent =
  | { type: "text"; delta: string }
  | { type: "completed"; message: AssistantMessage; finish: FinishReason; usage: Usage };

export interface Model {
  /** Streams one completion. Throws a TalariaError whose kind follows the table in classify.ts. */
  complete(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

/** A model provider: one object in one file. */
export interface Provider {
  /** The prefix in `TALARIA_MODEL=provider/model`. */
  name: string;
  settings: readonly SettingSpec[];
  /** Used when `TALARIA_MODEL` names the provider alone. */
  defaultModel: string;
  /** Loads the provider's client library here, not at import. */
  connect(settings: Settings): Promise<Model>;
}

export const defineProvider = (provider: Provider): Provider => provider;
