import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { text as readText } from "node:stream/consumers";
import { setImmediate, setTimeout } from "node:timers/promises";
import type { Brain, Reply, ReplyError, ReplyUsage, SeenRequest } from "./model-server.ts";

/** One event of a stream, ready to be written, and what it carries: cuts are placed by kind. */
export interface Frame {
  kind: "open" | "text" | "arguments" | "finish";
  bytes: Uint8Array;
}

type Asked = Pick<SeenRequest, "model" | "system" | "messages" | "tools" | "toolChoice">;

/** A wire format: how a request is read, and how a reply looks on the wire. */
export interface ModelApi {
  name: SeenRequest["api"];
  /** `undefined` for a path that is not the model's; `error` for a request the real service refuses. */
  read(path: string, body: string): { asked: Asked; streams: boolean } | { error: ReplyError } | undefined;
  contentType: string;
  frames(reply: Reply, asked: Asked): Frame[];
  /** The answer as one JSON document, for a request that does not stream. */
  whole(reply: Reply, asked: Asked): unknown;
  error(error: ReplyError): { headers: Record<string, string>; body: unknown };
  /** The event that brings an error into a stream. */
  errorEvent(error: ReplyError): Uint8Array;
}

interface ServerState {
  api: ModelApi;
  brain: Brain;
  requests: SeenRequest[];
}

type Outgoing = Pick<ServerResponse, "writeHead" | "end" | "on" | "writableEnded"> & {
  write(bytes: Uint8Array): boolean;
};

export async function handleModelCall(
  state: ServerState,
  incoming: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): Promise<void> {
  const outgoing = response as unknown as Outgoing;
  const raw = await readText(incoming);
  const read = state.api.read(incoming.url ?? "/", raw);
  if (!read) return sendError(state.api, outgoing, { status: 404, message: `no such path: ${incoming.url}` });
  if ("error" in read) return sendError(state.api, outgoing, read.error);
  const seen = record(state, read.asked, raw, incoming.headers);
  outgoing.on("close", () => (seen.hungUp ||= !outgoing.writableEnded));
  const reply = await state.brain(seen);
  if (reply.error && !reply.error.insideStream) return sendError(state.api, outgoing, reply.error);
  if (read.streams) {
    outgoing.writeHead(200, { "content-type": state.api.contentType });
    return stream(outgoing, framesOf(state.api, reply, read.asked), { reply, seen });
  }
  outgoing.writeHead(200, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(state.api.whole(reply, read.asked)));
}

function record(state: ServerState, asked: Asked, raw: string, headers: IncomingHttpHeaders): SeenRequest {
  const seen = { index: state.requests.length, api: state.api.name, ...asked, raw, headers, hungUp: false };
  state.requests.push(seen);
  return seen;
}

function framesOf(api: ModelApi, reply: Reply, asked: Asked): Frame[] {
  const frames = api.frames(reply, asked);
  if (!reply.error) return frames;
  return [...frames.filter(({ kind }) => kind !== "finish"), { kind: "finish", bytes: api.errorEvent(reply.error) }];
}

function sendError(api: ModelApi, outgoing: Outgoing, error: ReplyError): void {
  const { headers, body } = api.error(error);
  outgoing.writeHead(error.status, { "content-type": "application/json", ...headers, ...error.headers });
  outgoing.end(JSON.stringify(body));
}

async function stream(
  outgoing: Outgoing,
  frames: Frame[],
  { reply, seen }: { reply: Reply; seen: SeenRequest },
): Promise<void> {
  const { writes, tears } = cutFrames(frames, reply);
  for (const bytes of writes) {
    if (reply.delayMs) await setTimeout(reply.delayMs);
    for (const piece of pieces(bytes, reply.writeBytes ?? bytes.length)) {
      if (seen.hungUp) return;
      outgoing.write(piece);
      await setImmediate();
    }
  }
  if (tears) tearDown(outgoing);
  else outgoing.end();
}

/** What is really written, and whether the connection is torn down after it. */
function cutFrames(frames: Frame[], reply: Reply): { writes: Uint8Array[]; tears: boolean } {
  const bytes = (list: Frame[]) => list.map((frame) => frame.bytes);
  if (!reply.cut) return { writes: bytes(frames), tears: false };
  if (reply.cut === "before-finish")
    return { writes: bytes(frames.filter(({ kind }) => kind !== "finish")), tears: false };
  const kind = reply.cut === "mid-tool-arguments" ? "arguments" : "text";
  const candidates = frames.flatMap((frame, index) => (frame.kind === kind ? [index] : []));
  const at = candidates[Math.floor(candidates.length / 2)];
  if (at === undefined) throw new Error(`nothing to cut: the reply has no ${kind}`);
  if (reply.cut !== "mid-event-bytes") return { writes: bytes(frames.slice(0, at + 1)), tears: true };
  const torn = frames[at]?.bytes ?? new Uint8Array();
  return { writes: [...bytes(frames.slice(0, at)), torn.subarray(0, Math.floor(torn.length / 2))], tears: false };
}

function tearDown(outgoing: Outgoing): void {
  const response = outgoing as unknown as ServerResponse | Http2ServerResponse;
  if ("stream" in response) response.stream.session?.destroy();
  else response.socket?.destroy();
}

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Text in parts of `size` UTF-16 units, torn between the halves of a surrogate pair if it falls so. */
export const chunks = (text: string, size = 16): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));

export const argumentsText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const tokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 4);

/** The usage that a reply reports, with estimates for what it leaves open; `undefined` when it reports none. */
export function usageOf(reply: Reply, asked: Asked): Required<ReplyUsage> | undefined {
  if (reply.usage === null) return undefined;
  return {
    inputTokens: reply.usage?.inputTokens ?? tokens([asked.system, asked.tools, asked.messages]),
    outputTokens: reply.usage?.outputTokens ?? tokens([reply.text ?? "", reply.toolCalls ?? []]),
    cacheReadTokens: reply.usage?.cacheReadTokens ?? 0,
    cacheWriteTokens: reply.usage?.cacheWriteTokens ?? 0,
  };
}
