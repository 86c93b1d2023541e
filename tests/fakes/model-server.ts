import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import type { Message } from "../../core/conversation/message.ts";
import type { ToolDefinition } from "../../core/providers/provider.ts";
import { bedrockApi } from "./model-bedrock.ts";
import { handleModelCall, type ModelApi } from "./model-call.ts";
import { openaiApi } from "./model-openai.ts";

/** What a model was asked, in the project's own words, whichever wire format it came in. */
export interface SeenRequest {
  /** 0 for the first request of this server, over both APIs. */
  index: number;
  api: "openai" | "bedrock";
  model: string;
  system: string;
  messages: Message[];
  tools: ToolDefinition[];
  toolChoice: "auto" | "none";
  /** The body exactly as it arrived. */
  raw: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Turns true when the connection closed before the answer was complete. */
  hungUp: boolean;
}

export interface ReplyUsage {
  inputTokens?: number;
  outputTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
}

/**
 * Where a stream breaks. The first two tear the connection down, `before-finish` ends it politely after the last
 * delta, `mid-event-bytes` ends it politely in the middle of one event's bytes.
 */
export type Cut = "mid-text" | "mid-tool-arguments" | "before-finish" | "mid-event-bytes";

export interface ReplyError {
  status: number;
  message: string;
  /** OpenAI: `error.type`; Bedrock: the exception's name. */
  type?: string;
  code?: string;
  headers?: Record<string, string>;
  /** The stream begins with status 200 and the reply's text, and then brings the error. */
  insideStream?: boolean;
}

export interface Reply {
  text?: string;
  /** `arguments` is sent as it is when it is text, else as JSON. */
  toolCalls?: { name: string; arguments: unknown; id?: string }[];
  /** `null` leaves usage out of the answer; absent means an estimate at four characters a token. */
  usage?: ReplyUsage | null;
  /** Answered instead of a completion. */
  error?: ReplyError;
  /** The finish reason on the wire; absent means the one that fits the content. */
  finish?: string;
  cut?: Cut;
  /** UTF-16 units of text or tool arguments in one delta; 16 by default. */
  chunkSize?: number;
  /** Bytes in one write, so that characters and events are torn apart; whole events by default. */
  writeBytes?: number;
  /** Wait before each event, in milliseconds. */
  delayMs?: number;
}

export type Brain = (request: SeenRequest) => Reply | Promise<Reply>;

export interface ModelServer {
  /** For OPENAI_BASE_URL. */
  openaiUrl: string;
  /** For AWS_ENDPOINT_URL_BEDROCK_RUNTIME: HTTP/2 with prior knowledge, as the real client speaks it. */
  bedrockUrl: string;
  requests: SeenRequest[];
  close(): Promise<void>;
}

/**
 * A scripted model that speaks the wire formats of OpenAI chat completions and Bedrock ConverseStream on loopback.
 * It refuses histories that the real services refuse (unanswered tool calls, roles that do not alternate).
 */
export async function startModelServer(brain: Brain): Promise<ModelServer> {
  const requests: SeenRequest[] = [];
  const serve =
    (api: ModelApi) =>
    (incoming: Parameters<typeof handleModelCall>[1], outgoing: Parameters<typeof handleModelCall>[2]) =>
      void handleModelCall({ api, brain, requests }, incoming, outgoing);
  const openai = createHttpServer(serve(openaiApi));
  const bedrock = createHttp2Server(serve(bedrockApi));
  const sessions = new Set<ServerHttp2Session>();
  bedrock.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  const [openaiPort, bedrockPort] = await Promise.all([listen(openai), listen(bedrock)]);
  return {
    openaiUrl: `http://127.0.0.1:${openaiPort}/v1`,
    bedrockUrl: `http://127.0.0.1:${bedrockPort}`,
    requests,
    async close() {
      const closed = Promise.all([once(openai, "close"), once(bedrock, "close")]);
      openai.close();
      openai.closeAllConnections();
      bedrock.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
