import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { account } from "./names.ts";

/** Every other type arrives as base64, form posts too: a handler must be ready for both. */
const textType = /^(text\/|application\/([^;]*\+)?(json|xml)\b|application\/javascript\b)/i;

/**
 * The event of a function URL. Source: AWS Lambda developer guide, "Invoking Lambda function URLs", payload format
 * version 2.0: header names in lower case, repeated headers and query parameters joined by commas, cookies apart.
 */
export function functionUrlEvent(request: IncomingMessage, body: Buffer): object {
  const url = new URL(request.url ?? "/", "http://function");
  const headers = headersOf(request);
  const isBase64Encoded = body.length > 0 && !textType.test(headers["content-type"] ?? "");
  const cookies = request.headers.cookie?.split(/;\s*/);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies !== undefined && { cookies }),
    headers,
    ...(url.search !== "" && { queryStringParameters: queryOf(url) }),
    requestContext: requestContext(request, url, headers),
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? "base64" : "utf8") }),
    isBase64Encoded,
  };
}

/** From the raw headers, because Node drops some repeated ones. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] ?? "").toLowerCase();
    const value = request.rawHeaders[index + 1] ?? "";
    if (name !== "cookie") headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return {
    "x-forwarded-for": request.socket.remoteAddress ?? "127.0.0.1",
    "x-forwarded-proto": "http",
    "x-forwarded-port": String(request.socket.localPort),
    "x-amzn-trace-id": `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString("hex")}`,
    ...headers,
  };
}

function queryOf(url: URL): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of url.searchParams) query[name] = name in query ? `${query[name]},${value}` : value;
  return query;
}

function requestContext(request: IncomingMessage, url: URL, headers: Record<string, string>): object {
  const now = new Date();
  return {
    accountId: account,
    apiId: "embedded",
    domainName: (request.headers.host ?? "").split(":")[0],
    domainPrefix: "embedded",
    http: {
      method: request.method,
      path: url.pathname,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
      userAgent: headers["user-agent"] ?? "",
    },
    requestId: randomUUID(),
    routeKey: "$default",
    stage: "$default",
    time: commonLogTime(now),
    timeEpoch: now.getTime(),
  };
}

/** `22/Nov/2026:10:38:04 +0000` */
const commonLogTime = (date: Date): string =>
  date.toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, "$1/$2/$3:$4 +0000");
