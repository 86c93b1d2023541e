import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf, refused } from "../../core/base/errors.ts";

/** An answer that an AWS client turns into an exception: the HTTP status and the exception's name. */
export class WireError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = code;
    this.status = status;
    this.code = code;
  }
}

export type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** The whole body, or a 413 as soon as it is larger than `maxBytes`: what follows is not kept. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new WireError(413, "RequestTooLargeException", `Request must be smaller than ${maxBytes} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "x-amzn-requestid": randomUUID(),
    ...headers,
  });
  response.end(text);
}

/** The error form of the REST-JSON services (Lambda, Scheduler). The connection ends when the body was not read. */
export function sendJsonError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const known = error instanceof WireError ? error : new WireError(500, "ServiceException", messageOf(error));
  sendJson(
    response,
    known.status,
    { Message: known.message, Type: known.status < 500 ? "User" : "Service" },
    { "x-amzn-errortype": known.code, ...(!request.complete && { connection: "close" }) },
  );
}

export interface RunningServer {
  /** For example `http://127.0.0.1:43211`, without a slash at the end. */
  url: string;
  close(): Promise<void>;
}

/** Listens on the loopback address only. Port 0 takes a free one. */
export async function listen(server: Server, port: number): Promise<RunningServer> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(isPortTaken(error) ? portTaken(port, error) : error));
    server.listen(port, "127.0.0.1", () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => closeServer(server),
  };
}

const isPortTaken = (error: NodeJS.ErrnoException): boolean => error.code === "EADDRINUSE";

const portTaken = (port: number, cause: Error) =>
  refused(`Port ${port} on 127.0.0.1 is in use. Stop what listens there, or choose another with PORT.`, {
    code: "cloud.port-in-use",
    cause,
  });

/** Ends open connections too: a kept-alive client must not hold the process. */
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/**
 * Opens servers at the same time and hands them over to be closed; the answer is their URLs. When one cannot open, the
 * others are waited for, so that they can be closed too.
 *
 * @throws what the first of them threw.
 */
export async function openAll<Name extends string>(
  resources: AsyncDisposableStack,
  servers: Record<Name, () => Promise<RunningServer>>,
): Promise<Record<Name, string>> {
  const names = Object.keys(servers) as Name[];
  const settled = await Promise.allSettled(names.map((name) => servers[name]()));
  const urls = settled.map((result) => {
    if (result.status === "rejected") return undefined;
    resources.defer(() => result.value.close());
    return result.value.url;
  });
  const failure = settled.find((result) => result.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return Object.fromEntries(names.map((name, index) => [name, urls[index]])) as Record<Name, string>;
}

/** A server whose handler may be asynchronous; what it throws is answered by `onError`. */
export const serve = (handle: Handle, onError = sendJsonError): Server =>
  createServer((request, response) => {
    void (async () => handle(request, response))().catch((error: unknown) => onError(request, response, error));
  });
