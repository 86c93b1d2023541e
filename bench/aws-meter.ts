import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";

/**
 * What the cloud's counters cannot see: bytes that AWS answered with, and which calls were made while a webhook was
 * being answered. Node tells of every HTTP request that this process makes or serves, and the asynchronous context
 * tells on whose behalf one is made; a turn that a webhook starts has a context of its own, since it begins behind
 * another connection.
 */
export interface AwsMeter {
  /** Bytes of all answers of DynamoDB and Step Functions so far. */
  bytesRead(): number;
  /** AWS calls made inside webhooks so far. */
  webhookCalls(): number;
  stop(): void;
}

/** Names the operation in every request to DynamoDB and Step Functions, and in no other. */
const awsHeader = "x-amz-target";

export function startAwsMeter(): AwsMeter {
  const webhook = new AsyncLocalStorage<true>();
  let bytesRead = 0;
  let webhookCalls = 0;
  const countCall = () => {
    if (webhook.getStore()) webhookCalls += 1;
  };

  const listeners: Record<string, (event: unknown) => void> = {
    "http.server.request.start": (event) => {
      const { request } = event as { request: IncomingMessage };
      if (request.url?.startsWith("/webhooks/")) webhook.enterWith(true);
    },
    "http.server.response.finish": (event) => {
      const { request, response } = event as { request: IncomingMessage; response: ServerResponse };
      if (request.headers[awsHeader]) bytesRead += Number(response.getHeader("content-length") ?? 0);
    },
    // The SDK's requests.
    "http.client.request.start": (event) => {
      if ((event as { request: ClientRequest }).request.hasHeader(awsHeader)) countCall();
    },
    // Those of fetch, with headers as a list of names and values.
    "undici:request:create": (event) => {
      if ((event as { request: { headers: unknown[] } }).request.headers.includes(awsHeader)) countCall();
    },
  };
  for (const [channel, listener] of Object.entries(listeners)) subscribe(channel, listener);
  return {
    bytesRead: () => bytesRead,
    webhookCalls: () => webhookCalls,
    stop() {
      for (const [channel, listener] of Object.entries(listeners)) unsubscribe(channel, listener);
    },
  };
}
