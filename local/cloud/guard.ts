import type { IncomingMessage } from "node:http";
import type { AccessKeys } from "./access-keys.ts";

/** Who calls, and what that one may. */
export interface Access {
  keys: AccessKeys;
  /** Whether the role of a function allows a call; absent: every role allows everything. */
  mayCall?: ((name: string, action: string) => boolean) | undefined;
}

/** A name that only this machine can have meant. Anything else in `Host` is a rebound DNS name of a foreign website. */
const loopbackHost = /^(127\.0\.0\.1|localhost):\d+$/;

const isLoopbackHost = (request: IncomingMessage): boolean => loopbackHost.test(request.headers.host ?? "");

/** Browsers say where a request comes from; the AWS SDKs send neither header. */
const isFromBrowser = (request: IncomingMessage): boolean =>
  request.headers.origin !== undefined || request.headers["sec-fetch-site"] !== undefined;

/** In the header of a signed request, or in a presigned address. */
const credential = /Credential=(AKIA[0-9A-F]+)(?:\/|%2F)/;

/**
 * Why a request to an AWS port is refused, or `undefined` when it may pass. Every start makes up new access keys, so
 * neither a website in the person's browser nor a command in the agent's shell can use the person's cloud; signatures
 * are not checked beyond that. A function with a key of its own may call what its role allows.
 *
 * @param action as IAM calls the request, for example `dynamodb:PutItem`
 */
export function wireRefusal(request: IncomingMessage, action: string, { keys, mayCall }: Access): string | undefined {
  if (!isLoopbackHost(request)) return "The embedded cloud answers only to 127.0.0.1 and localhost.";
  if (isFromBrowser(request)) return "The embedded cloud does not answer browsers.";
  const [, key = ""] = credential.exec(`${request.headers.authorization ?? ""} ${request.url ?? ""}`) ?? [];
  const holder = keys.holder(key);
  if (holder === undefined) return "The access key is not the one of this embedded cloud.";
  if (holder.name !== undefined && mayCall?.(holder.name, action) === false)
    return `The function ${holder.name} is not authorized to perform: ${action}`;
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
