import type { IncomingMessage, ServerResponse } from "node:http";
import { functionUrlEvent } from "./function-url-event.ts";
import type { InvokeResult } from "./lambda-runtime.ts";
import { maxPayloadBytes } from "./lambda.ts";
import { readBody, WireError, type Handle } from "./wire.ts";

/** What a handler may answer; a result without a status code is the body itself. Source: as for the event. */
interface FunctionUrlResult {
  statusCode: number;
  headers?: Record<string, string | number | boolean>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
}

/** Turns HTTP requests into invocations and their results into HTTP answers, as a Lambda function URL does. */
export const functionUrlHandler =
  (invoke: (payload: string) => Promise<InvokeResult>): Handle =>
  async (request, response) => {
    try {
      const payload = JSON.stringify(functionUrlEvent(request, await readBody(request, maxPayloadBytes)));
      // Base64 and escapes make the event larger than the body was, and the limit is the event's.
      if (Buffer.byteLength(payload) > maxPayloadBytes) throw new WireError(413, "RequestTooLarge", "too large");
      const result = await invoke(payload);
      if ("error" in result) return sendMessage(request, response, 502);
      sendResult(response, result.payload);
    } catch (error) {
      sendMessage(request, response, error instanceof WireError ? error.status : 500);
    }
  };

const messages: Record<number, string> = {
  413: "Request Entity Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Internal Server Error",
};

/** The sender learns nothing about the inside. A connection whose body was not read to the end is closed. */
function sendMessage(request: IncomingMessage, response: ServerResponse, status: number): void {
  if (response.headersSent) return void response.destroy();
  const body = JSON.stringify({ Message: messages[status] ?? "Internal Server Error" });
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(!request.complete && { connection: "close" }),
  });
  response.end(body);
}

function sendResult(response: ServerResponse, payload: string): void {
  const result = JSON.parse(payload) as unknown;
  if (!isFunctionUrlResult(result)) {
    const body = typeof result === "string" ? result : payload;
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    return void response.end(body);
  }
  const body = Buffer.from(result.body ?? "", result.isBase64Encoded ? "base64" : "utf8");
  const given = Object.entries(result.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  response.writeHead(result.statusCode, {
    "content-type": "application/json",
    ...Object.fromEntries(given),
    ...(result.cookies !== undefined && result.cookies.length > 0 && { "set-cookie": result.cookies }),
    "content-length": body.length,
  });
  response.end(body);
}

const isFunctionUrlResult = (value: unknown): value is FunctionUrlResult =>
  typeof value === "object" && value !== null && "statusCode" in value && typeof value.statusCode === "number";
