import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { startModelServer, type ModelServer } from "../../tests/fakes/model-server.ts";
import type { Span } from "./outside.ts";
import { decide } from "./script.ts";

export interface ModelCall {
  person: number;
  /** Messages of the turn that the model was shown. */
  numbers: number[];
  span: Span;
}

export interface ScriptedModel extends ModelServer {
  /** All calls since the last reset, in the order in which they came. */
  calls: ModelCall[];
  reset(thinkingMs: number): void;
  promptLengths(): { system: number; tools: number };
}

/** The model that does what the messages tell it, and notes when it was asked and when its answer had left. */
export async function startScriptedModel(): Promise<ScriptedModel> {
  const calls: ModelCall[] = [];
  const spanOf = watchRequests();
  let thinkingMs = 0;
  let lengths = { system: 0, tools: 0 };
  const server = await startModelServer(async ({ headers, messages, system, raw }) => {
    const { person, numbers, reply } = decide(messages);
    if (messages.length === 1) lengths = { system: system.length, tools: toolsLength(raw) };
    calls.push({ person, numbers, span: spanOf(headers) });
    server.requests.length = 0;
    if (thinkingMs > 0) await sleep(thinkingMs);
    return reply;
  });
  return {
    ...server,
    calls,
    reset(thinking) {
      calls.length = 0;
      thinkingMs = thinking;
    },
    promptLengths: () => lengths,
  };
}

/** As they are on the wire, where each tool has its envelope. */
const toolsLength = (raw: string): number =>
  JSON.stringify((JSON.parse(raw) as { tools?: unknown }).tools ?? []).length;

type Headers = Readonly<Record<string, unknown>>;

/**
 * Tells when a request came in and when the last bytes of its answer were written, which goes on being noted. The end
 * of the answer would be too late: a client that has read the last event may close the connection before.
 */
function watchRequests(): (headers: Headers) => Span {
  const spans = new WeakMap<Headers, Span>();
  subscribe("http.server.request.start", (event) => {
    const { request, response } = event as { request: IncomingMessage; response: ServerResponse };
    const span = { fromMs: performance.now(), untilMs: performance.now() };
    const write = response.write.bind(response) as (chunk: unknown) => boolean;
    response.write = (chunk: unknown) => {
      span.untilMs = performance.now();
      return write(chunk);
    };
    spans.set(request.headers, span);
  });
  return (headers) => {
    const span = spans.get(headers);
    if (!span) throw new Error("A request came without a head.");
    return span;
  };
}
