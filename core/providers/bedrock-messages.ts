import { createHash } from "node:crypto";
import type {
  ContentBlock,
  ConverseStreamCommandInput,
  Message as WireMessage,
  SystemContentBlock,
  ToolConfiguration,
} from "@aws-sdk/client-bedrock-runtime";
import { parseJson } from "../base/json.ts";
import type { Message, ToolCall } from "../conversation/message.ts";
import type { ModelRequest, ToolDefinition } from "./provider.ts";

/** The request of ConverseStream. Equal input gives equal bytes. */
export function toWireRequest(request: ModelRequest): ConverseStreamCommandInput {
  const cache: CacheMarker[] = supportsCachePoints(request.model) ? [{ cachePoint: { type: "default" } }] : [];
  const tools = toToolConfig(request);
  return {
    modelId: request.model,
    system: toSystem(request, cache),
    messages: markNewestMessages(toWireMessages(request.messages), cache),
    ...(tools && { toolConfig: tools }),
  };
}

interface CacheMarker {
  cachePoint: { type: "default" };
}

/**
 * Families that take cache markers; others answer such a request with an error.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html: Claude 3.5 Haiku, 3.7 and everything named
 * family-first ("claude-sonnet-4"), Amazon Nova. The ARN of an application profile does not tell its model.
 */
const supportsCachePoints = (model: string): boolean =>
  /anthropic\.claude-(?:3-5-haiku|3-7|[a-z]+-\d)|amazon\.nova-(?!sonic|canvas|reel)/.test(model);

/**
 * Bedrock has no tool choice "none", and without tools it refuses a history that holds tool calls. So the tools stay,
 * which also keeps the cached prefix whole, and this sentence follows the system prompt, behind its marker.
 */
const noTools = "Do not call any tool now. Answer with text only.";

function toSystem({ system, toolChoice, tools }: ModelRequest, cache: CacheMarker[]): SystemContentBlock[] {
  const prompt = system.trim() ? [{ text: clean(system) }, ...cache] : [];
  return toolChoice === "none" && tools.length > 0 ? [...prompt, { text: noTools }] : prompt;
}

/** A history with tool calls needs the definitions even when the session's toolset is empty by now. */
function toToolConfig({ tools, messages }: ModelRequest): ToolConfiguration | undefined {
  const called = messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls : []));
  const former = [...new Set(called.map((call) => call.name))].map((name) => ({
    name,
    description: "No longer available.",
    parameters: { type: "object" },
  }));
  const offered = tools.length > 0 ? tools : former;
  return offered.length > 0 ? { tools: offered.map(toWireTool) } : undefined;
}

type WireTool = NonNullable<ToolConfiguration["tools"]>[number];

const toWireTool = ({ name, description, parameters }: ToolDefinition): WireTool => ({
  // The SDK's type for free JSON knows no `unknown`; a JSON Schema is JSON.
  toolSpec: { name, description: description || name, inputSchema: { json: parameters as Record<string, never> } },
});

/** Roles alternate strictly and the person begins: neighbours of one role become one message. */
function toWireMessages(messages: readonly Message[]): WireMessage[] {
  const wire: { role: "user" | "assistant"; content: ContentBlock[] }[] = [];
  for (const message of messages) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = toBlocks(message);
    const last = wire.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else wire.push({ role, content });
  }
  if (wire[0]?.role === "assistant") wire.unshift({ role: "user", content: [{ text: "(The conversation goes on.)" }] });
  return wire;
}

function toBlocks(message: Message): ContentBlock[] {
  switch (message.role) {
    case "user":
      return textBlock(message.text);
    case "assistant":
      return [...textBlock(message.text), ...message.toolCalls.map(toToolUse)];
    case "tool":
      return [
        { toolResult: { toolUseId: toWireId(message.callId), content: [{ text: resultText(message.content) }] } },
      ];
  }
}

/** Blank text blocks are refused. */
const textBlock = (text: string): ContentBlock[] => (text.trim() ? [{ text: clean(text) }] : []);

const resultText = (content: string): string => (content.trim() ? clean(content) : "(empty)");

const toToolUse = (call: ToolCall): ContentBlock => ({
  toolUse: { toolUseId: toWireId(call.id), name: call.name, input: toInput(call.arguments) },
});

/** Arguments that are no JSON object were answered with an error, which tells the model what it wrote. */
function toInput(text: string): Record<string, never> {
  const value = parseJson(clean(text));
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, never>) : {};
}

/** Ids of other providers may hold characters or a length that Bedrock refuses; a hash keeps different ones apart. */
function toWireId(id: string): string {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(id)) return id;
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 16);
  return `${id.replaceAll(/[^a-zA-Z0-9_-]/g, "_").slice(0, 47)}_${hash}`;
}

/**
 * Markers after the two newest user messages: the last writes the cache, the one before finds what the previous call
 * wrote. They move on with the conversation; what is cached, the messages themselves, stays byte for byte.
 */
function markNewestMessages(messages: WireMessage[], cache: CacheMarker[]): WireMessage[] {
  const newest = messages.flatMap((message, index) => (message.role === "user" ? [index] : [])).slice(-2);
  return messages.map((message, index) =>
    newest.includes(index) ? { ...message, content: [...(message.content ?? []), ...cache] } : message,
  );
}

/** Half of a surrogate pair (a text cut in the middle of an emoji) is not valid UTF-8. */
const clean = (text: string): string => text.toWellFormed();
