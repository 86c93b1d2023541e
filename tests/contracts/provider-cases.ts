import { TalariaError } from "../../core/base/errors.ts";
import type { Message } from "../../core/conversation/message.ts";
import type { Model, ModelEvent, ModelRequest } from "../../core/providers/provider.ts";
import type { ModelServer, SeenRequest } from "../fakes/model-server.ts";

type ErrorName = "unauthorized" | "rateLimited" | "fault" | "missingModel" | "overflow" | "badRequest";

/** A provider, connected with its real client library to the scripted server. */
export interface ProviderUnderTest {
  name: string;
  connect(server: ModelServer): Promise<Model>;
  /** A secret that the connection uses, and that no error may show. */
  secret: string;
  /** Wire names of errors that differ between providers. */
  errors: Record<ErrorName, { type?: string; code?: string }>;
  /** What the wire calls a reply stopped by a content filter, and one stopped by its length. */
  finishes: { filtered: string; length: string };
  /** The wire messages of a request, each as its exact bytes, without marks that may move (cache points). */
  messageBytes: (seen: SeenRequest) => string[];
}

export const weather = {
  name: "weather",
  description: "The weather of a city.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

export const user = (text: string): Message => ({ role: "user", text });
export const tool = (callId: string, content: string): Message => ({ role: "tool", callId, name: "weather", content });
export const call = (id: string, city: string) => ({ id, name: "weather", arguments: `{"city":"${city}"}` });
export const assistant = (text: string, ...toolCalls: ReturnType<typeof call>[]): Message => ({
  role: "assistant",
  text,
  toolCalls,
});

export const requestOf = (messages: Message[], more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: "test-model",
  system: "You are terse.",
  messages,
  tools: [weather],
  toolChoice: "auto",
  cacheKey: "ses_1",
  ...more,
});

/** Two calls and their results, and what the person said meanwhile. */
export const longHistory: Message[] = [
  user("Paris and Rome?"),
  assistant("Let me look.", call("call_1", "Paris"), call("call_2", "Rome")),
  tool("call_1", '{"sky":"grey"}'),
  tool("call_2", '{"sky":"blue"}'),
  user("And hurry."),
];

export const never = new AbortController().signal;

export async function collect(model: Model, request: ModelRequest, signal = never) {
  const events: ModelEvent[] = [];
  for await (const event of model.complete(request, signal)) events.push(event);
  const completed = events.at(-1);
  if (completed?.type !== "completed") throw new Error("the stream did not end with `completed`");
  const deltas = events.flatMap((event) => (event.type === "text" ? [event.delta] : []));
  return { ...completed, deltas };
}

export async function failureOf(model: Model, request = requestOf([user("Hi")])): Promise<TalariaError> {
  const failed: unknown = await collect(model, request).catch((error: unknown) => error);
  if (!(failed instanceof TalariaError)) throw new Error(`expected a TalariaError, got ${String(failed)}`);
  return failed;
}
