import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it reached a fake platform. */
export interface Call {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** The body as it came. */
  text: string;
  /** What the platform names the operation: `sendMessage`, `chat.postMessage`. */
  operation: string;
  at: number;
}

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/**
 * A failure to come. `before` (the default) answers without doing anything, as an overloaded platform does;
 * `lost` does what was asked and then cuts the connection; `cut` cuts it without doing anything.
 */
interface Failure extends Partial<Answer> {
  /** Only calls of this operation fail; absent means the next call, whatever it is. */
  operation?: string;
  times?: number;
  how?: "before" | "lost" | "cut";
}

export interface FakeServer {
  /** Without a trailing slash. */
  url: string;
  calls: Call[];
  failNext(failure: Failure): void;
  close(): Promise<void>;
}

export interface FakeOptions {
  operationOf(method: string, path: string): string;
  answer(call: Call): Answer | Promise<Answer>;
}

/** A loopback HTTP server on a free port that records calls and fails on demand: the base of every fake platform. */
export async function startFakeServer({ operationOf, answer }: FakeOptions): Promise<FakeServer> {
  const calls: Call[] = [];
  const failures: Failure[] = [];
  const server = createServer((request, response) => {
    void receive(request).then(async ({ method, path, headers, text }) => {
      const call = { method, path, headers, text, operation: operationOf(method, path), at: Date.now() };
      calls.push(call);
      const failure = takeFailure(failures, call.operation);
      if (failure?.how === "cut") return void request.socket.destroy();
      if (failure && failure.how !== "lost") {
        return write(response, { status: failure.status ?? 500, body: failure.body ?? {}, ...headersOf(failure) });
      }
      const result = await answer(call);
      if (failure) return void request.socket.destroy();
      write(response, result);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    failNext: (failure) => void failures.push({ ...failure }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const headersOf = ({ headers }: Failure) => (headers ? { headers } : {});

async function receive(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers,
    text: Buffer.concat(chunks).toString("utf8"),
  };
}

function takeFailure(failures: Failure[], operation: string): Failure | undefined {
  const index = failures.findIndex((failure) => failure.operation === undefined || failure.operation === operation);
  const failure = failures[index];
  if (!failure) return undefined;
  failure.times = (failure.times ?? 1) - 1;
  if (failure.times <= 0) failures.splice(index, 1);
  return failure;
}

function write(response: ServerResponse, { status, body, headers }: Answer): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
}
