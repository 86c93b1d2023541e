import { retryable, type TalariaError } from "../../base/errors.ts";

export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
}

const timeoutMs = 20_000;

/** POSTs JSON; an answer of any status is returned. Throws retryable when there was none, naming `service`. */
export async function postJson(
  service: string,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      // A redirect would carry the credentials to another host.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch {
    throw unreachable(service);
  }
}

/** The cause is left out on purpose: it may quote an address that contains a token. */
export const unreachable = (service: string): TalariaError =>
  retryable(`${service} could not be reached.`, { code: "platform.unreachable" });

/** A platform that asks for a pause without saying how long gets this one. */
const defaultPauseSeconds = 5;

export const rateLimited = (service: string, retryAfterSeconds = defaultPauseSeconds): TalariaError =>
  retryable(`${service} asks for a pause.`, {
    code: "platform.rate-limited",
    retryAfterMs: retryAfterSeconds * 1000,
  });

/** `what` is an HTTP status or the platform's own word. */
export const failing = (service: string, what: number | string): TalariaError =>
  retryable(`${service} had a problem of its own (${what}).`, { code: "platform.failing" });

/** The seconds of a Retry-After header; undefined for its date form and for anything else. */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  return value !== null && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** Request timeouts and "too early" count with the server errors: the same request may pass later. */
export const isPassing = (status: number): boolean => status >= 500 || status === 408 || status === 425;
