import type { IncomingMessage } from "node:http";

/** A name that only this machine can have meant. Anything else in `Host` is a rebound DNS name of a foreign website. */
const loopbackHost = /^(127\.0\.0\.1|localhost):\d+$/;

const isLoopbackHost = (request: IncomingMessage): boolean => loopbackHost.test(request.headers.host ?? "");

/** Browsers say where a request comes from; the AWS SDKs send neither header. */
const isFromBrowser = (request: IncomingMessage): boolean =>
  request.headers.origin !== undefined || request.headers["sec-fetch-site"] !== undefined;

/**
 * Why a request to an AWS port is refused, or `undefined` when it may pass. Every start makes up a new access key, so
 * neither a website in the person's browser nor a command in the agent's shell can use the person's cloud; signatures
 * are not checked beyond that.
 */
export function wireRefusal(request: IncomingMessage, accessKeyId: string): string | undefined {
  if (!isLoopbackHost(request)) return "The embedded cloud answers only to 127.0.0.1 and localhost.";
  if (isFromBrowser(request)) return "The embedded cloud does not answer browsers.";
  const credential = `${request.headers.authorization ?? ""} ${request.url ?? ""}`;
  if (!credential.includes(`Credential=${accessKeyId}/`))
    return "The access key is not the one of this embedded cloud.";
  return undefined;
}

/**
 * Why a request to a page for this machine's person is refused, or `undefined` when it may pass: it must name a
 * loopback host, and a page that sends it must have come from that same host and port.
 */
export function pageRefusal(request: IncomingMessage): string | undefined {
  if (!isLoopbackHost(request)) return "This page answers only to 127.0.0.1 and localhost.";
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`) return "This page does not answer other websites.";
  return undefined;
}
