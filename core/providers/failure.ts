/** What a provider's error says, whichever client library threw it: the input of the table in classify.ts. */
export interface Failure {
  /** The HTTP status; absent when there was no answer, or the error came inside a stream. */
  status: number | undefined;
  /** The provider's own sentence; empty when there was no answer. */
  sentence: string;
  /** Error names, codes, types and the sentence, in lower case: what the table searches. */
  words: string;
  /** How long the provider asked us to wait, in milliseconds. */
  retryAfterMs: number | undefined;
}

/**
 * Reads an error of the OpenAI SDK (`status`, `code`, `type`, `headers`, `error`) or of an AWS SDK client (`name`,
 * `$metadata`, `$response`), and follows `cause` to the codes of the network layer.
 */
export function readFailure(thrown: unknown): Failure {
  const error = fields(thrown);
  const body = fields(error["error"]);
  const chain = causes(thrown);
  const status = firstStatus(
    error["status"],
    fields(error["$metadata"])["httpStatusCode"],
    body["code"],
    body["status"],
  );
  const answered = status !== undefined || error["error"] !== undefined || error["$fault"] !== undefined;
  const sentence = answered ? text(body["message"]) || text(error["message"]) : "";
  const names = chain.flatMap((link) => [link["name"], link["code"], link["type"]]);
  const words = [
    ...names,
    body["code"],
    body["type"],
    body["status"],
    sentence,
    ...chain.map((link) => link["message"]),
  ];
  return {
    status,
    sentence,
    words: words.map(text).join(" ").toLowerCase(),
    retryAfterMs: retryAfterMs(headerReader(error["headers"] ?? fields(error["$response"])["headers"])),
  };
}

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** The error and what caused it, outermost first; five links are more than any client makes. */
function causes(thrown: unknown): Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = [];
  for (let link = thrown; link && chain.length < 5; link = fields(link)["cause"]) chain.push(fields(link));
  return chain;
}

/** Errors inside a stream carry their status, if at all, as a number in the error's `code`. */
const firstStatus = (...candidates: unknown[]): number | undefined =>
  candidates.find((value): value is number => typeof value === "number" && value >= 400 && value < 600);

type HeaderReader = (name: string) => string | undefined;

/** The OpenAI SDK keeps a `Headers` object, the AWS SDK a plain record with lower-case names. */
function headerReader(headers: unknown): HeaderReader {
  if (headers instanceof Headers) return (name) => headers.get(name) ?? undefined;
  return (name) => text(fields(headers)[name]) || undefined;
}

/**
 * `retry-after-ms` (OpenAI, Azure), else `retry-after` in seconds or as an HTTP date (RFC 9110 §10.2.3). A date is
 * measured against the answer's own `date`, so that a clock that runs wrong here does no harm.
 */
function retryAfterMs(header: HeaderReader): number | undefined {
  const inMs = Number(header("retry-after-ms") ?? Number.NaN);
  if (inMs >= 0) return inMs;
  const retryAfter = header("retry-after");
  if (retryAfter === undefined) return undefined;
  const seconds = Number(retryAfter);
  if (seconds >= 0) return seconds * 1000;
  const sentAt = Date.parse(header("date") ?? "");
  const waitMs = Date.parse(retryAfter) - (Number.isNaN(sentAt) ? Date.now() : sentAt);
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}
