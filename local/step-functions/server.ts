/** The API on the wire: AWS JSON 1.0 over HTTP. Source: smithy.io, "AWS JSON 1.0 protocol". */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf } from "../../core/base/errors.ts";
import { parseJson } from "../../core/base/json.ts";
import { ServiceException } from "./errors.ts";
import type { Operations } from "./operations/operations.ts";

/** Above the largest legal request, a definition of 1 MB. */
const maxBodyBytes = 4 * 1024 * 1024;

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

export function createHandle(operations: Operations): Handle {
  const byTarget = new Map<string, (input: never) => Promise<object>>(
    Object.entries(operations).map(([name, run]) => [name.charAt(0).toUpperCase() + name.slice(1), run]),
  );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const name = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      const run = byTarget.get(name);
      if (!run) throw new ServiceException("UnknownOperationException", `Unknown operation '${name}'`);
      const input = parseJson((await readBody(request)) || "{}");
      if (input === undefined) throw new ServiceException("SerializationException", "The body is not JSON");
      send(response, 200, await run(input as never));
    } catch (error) {
      const isRefusal = error instanceof ServiceException;
      const type = isRefusal ? error.name : "InternalFailure";
      send(response, isRefusal ? 400 : 500, { __type: type, message: messageOf(error) });
    }
  }

  return (request, response) => void answer(request, response);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new ServiceException("ValidationException", "The request is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body, secondsForDates);
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(text),
    "x-amzn-requestid": randomUUID(),
  });
  response.end(text);
}

/** The protocol writes times as seconds since 1970, with fractions. */
function secondsForDates(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  return original instanceof Date ? original.getTime() / 1000 : value;
}
