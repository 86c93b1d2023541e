import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Route } from "../cloud/front.ts";
import { repositoryRoot } from "../cloud/repository-root.ts";
import type { Handle } from "../cloud/wire.ts";
import { loadAssets, type Asset } from "./assets.ts";

/** The page fetches from here alone, is framed by nobody, and reads HTML out of no text (trusted types). */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const headers = {
  "content-security-policy": contentSecurityPolicy,
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

const assetFolder = "/app/";
const assetRoots = ["web/main.ts", "web/chat.css", "web/icon.svg"];

export interface ChatPageOptions {
  token: string;
  /** A public address leads to this port: whoever asks may be anybody, whatever name they call us by. */
  isPublic: boolean;
}

/** What a proxy says of a request that it passes on: the one who asks is not on this machine. */
const forwardingHeaders = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/**
 * The chat page at `/`, with the token of the web platform in it. Another website cannot read it: the front answers
 * these routes only under a loopback name and only to pages of its own (local/cloud/guard.ts), and the browser keeps
 * what it answers from every other origin. Where the port is public, the page comes without the token and takes it
 * from the fragment of its address, which no server sees.
 */
export function chatPage({ token, isPublic }: ChatPageOptions): Route[] {
  const load = once(() => ({
    html: readFileSync(join(repositoryRoot, "web/index.html"), "utf8"),
    assets: loadAssets(assetRoots),
  }));
  const page = ({ headers }: IncomingMessage) => {
    const isFromAfar = isPublic || forwardingHeaders.some((name) => headers[name] !== undefined);
    const body = load().html.replace("{{token}}", () => (isFromAfar ? "" : escaped(token)));
    return { contentType: "text/html; charset=utf-8", body };
  };
  return [
    { path: "/", handle: answering((_path, request) => page(request)) },
    { path: assetFolder, handle: answering((path) => load().assets.get(path.slice(assetFolder.length))) },
  ];
}

/** Read when the page is first asked for: most starts never show it. */
function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

const answering =
  (find: (path: string, request: IncomingMessage) => Asset | undefined): Handle =>
  (request, response) => {
    const { method, url = "/" } = request;
    if (method !== "GET" && method !== "HEAD")
      return send(response, 405, { contentType: plain, body: "Only GET and HEAD are answered here." }, method);
    const asset = find(url.split("?")[0] ?? "/", request);
    return send(response, asset ? 200 : 404, asset ?? { contentType: plain, body: "Not Found" }, method);
  };

const plain = "text/plain; charset=utf-8";

function send(
  response: ServerResponse,
  status: number,
  { contentType, body }: Asset,
  method: string | undefined,
): void {
  response.writeHead(status, {
    ...headers,
    ...(status === 405 && { allow: "GET, HEAD" }),
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
  });
  response.end(method === "HEAD" ? undefined : body);
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
