import * as z from "zod";

/** `arguments` is the JSON text exactly as the model wrote it, so that a replay is byte-identical. */
export const toolCallSchema = z.object({ id: z.string(), name: z.string(), arguments: z.string() });
export type ToolCall = z.infer<typeof toolCallSchema>;

export const userMessageSchema = z.object({ role: z.literal("user"), text: z.string() });
export type UserMessage = z.infer<typeof userMessageSchema>;

export const assistantMessageSchema = z.object({
  role: z.literal("assistant"),
  text: z.string(),
  toolCalls: z.array(toolCallSchema),
});
export type AssistantMessage = z.infer<typeof assistantMessageSchema>;

/** `content` is what the model reads: JSON text from a tool, or a plain sentence from the runner. */
export const toolMessageSchema = z.object({
  role: z.literal("tool"),
  callId: z.string(),
  name: z.string(),
  content: z.string(),
});
export type ToolMessage = z.infer<typeof toolMessageSchema>;

/** What a provider is handed: user, assistant and tool messages in order; the system prompt travels apart. */
export type Message = UserMessage | AssistantMessage | ToolMessage;
