import type { SocketModeReceiver } from "@slack/bolt";
import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";
import type { SlackEnvelope } from "./slack-request.ts";

export interface ReceivedEnvelope extends SlackEnvelope {
  /** Whether an acknowledgement may carry words for the person. */
  acceptsAnswer: boolean;
  /** Never rejects: when the connection is gone, Slack sends the envelope again. */
  acknowledge(answer?: Record<string, unknown>): Promise<void>;
}

export interface SocketOptions {
  appToken: string;
  /** Another address than Slack's own. */
  apiUrl: string | undefined;
  signal: AbortSignal;
  onConnected(): void;
  onEnvelope(envelope: ReceivedEnvelope): void;
}

/** What the client emits for each envelope. */
interface EmittedEnvelope {
  type: string;
  body: Record<string, unknown>;
  accepts_response_payload?: boolean;
  ack(answer?: Record<string, unknown>): Promise<void>;
}

/** The part of the client that is used; its emitter's own types know nothing of the events. */
type Client = SocketModeReceiver["client"];

/**
 * One connection with Slack's own client. Resolves at its end with the reason that Slack gave, or with undefined when
 * it broke or was stopped; rejects when Slack refuses to open one. Reconnecting is the caller's: the client's own way
 * leaves a gap of seconds when Slack renews a connection, and a failure in it ends the process.
 */
export async function runSocket(options: SocketOptions): Promise<string | undefined> {
  const client = await createClient(options);
  const ended = endOf(client, options.signal);
  client.once("connected", () => options.onConnected());
  client.on("slack_event", (emitted: EmittedEnvelope) => options.onEnvelope(received(emitted)));
  return Promise.race([ended, client.start().then(() => ended)]);
}

async function createClient({ appToken, apiUrl, signal }: SocketOptions): Promise<Client> {
  const { LogLevel, SocketModeReceiver } = await import("@slack/bolt");
  const silent = () => {};
  const clientOptions = {
    ...(apiUrl && { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 20_000,
    // Stopping must not wait for Slack's answer.
    fetch: (url: string | URL, init?: object) => fetch(url, withSignal(init, signal)),
  };
  return new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    installerOptions: { clientOptions },
    logger: {
      debug: silent,
      info: silent,
      warn: silent,
      error: silent,
      setLevel: silent,
      setName: silent,
      getLevel: () => LogLevel.ERROR,
    },
  }).client;
}

function withSignal(init: RequestInit = {}, signal: AbortSignal): RequestInit {
  return { ...init, signal: init.signal ? AbortSignal.any([init.signal, signal]) : signal };
}

const disconnectSchema = z.object({ type: z.literal("disconnect"), reason: z.string() });

/** Slack's goodbye counts as the end: the client would wait until the old connection is wholly closed. */
function endOf(client: Client, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const stop = () => {
    void client.disconnect();
    resolve(undefined);
  };
  client.once("disconnected", () => resolve(undefined));
  client.on("ws_message", (data: unknown) => {
    const goodbye = disconnectSchema.safeParse(typeof data === "string" ? parseJson(data) : undefined).data;
    if (goodbye) resolve(goodbye.reason);
  });
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return promise.finally(() => signal.removeEventListener("abort", stop));
}

const received = ({ type, body, accepts_response_payload, ack }: EmittedEnvelope): ReceivedEnvelope => ({
  type,
  body,
  acceptsAnswer: accepts_response_payload === true,
  acknowledge: (answer) => ack(answer).catch(() => undefined),
});
