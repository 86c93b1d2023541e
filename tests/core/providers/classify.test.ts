import { APIConnectionError, APIError } from "openai";
import { describe, expect, test } from "vitest";
import { refused, TalariaError } from "../../../core/base/errors.ts";
import { classify, type CallContext } from "../../../core/providers/classify.ts";

const context: CallContext = {
  provider: "OpenAI",
  model: "gpt-x",
  access: "OPENAI_API_KEY",
  secrets: ["very-secret-value"],
};
const running = new AbortController().signal;

function classified(thrown: unknown): TalariaError {
  const error = classify(thrown, context, running);
  if (!(error instanceof TalariaError)) throw new Error("not classified");
  return error;
}

/** An error as the OpenAI SDK makes it from an answer. */
const answered = (status: number | undefined, error: object, headers: Record<string, string> = {}) =>
  status === undefined
    ? new APIError(undefined, error, undefined, new Headers(headers))
    : APIError.generate(status, { error }, undefined, new Headers(headers));

/** An error as AWS SDK clients throw it. */
const awsError = (name: string, message: string, status?: number) =>
  Object.assign(new Error(message), { name, $fault: "client", $metadata: { httpStatusCode: status } });

describe("the table of model errors", () => {
  test.each([
    [401, "Incorrect API key", "refused", "model.unauthorized"],
    [403, "Country not supported", "refused", "model.unauthorized"],
    [402, "Insufficient balance", "refused", "model.quota"],
    [400, "Your credit balance is too low", "refused", "model.quota"],
    [408, "Request timeout", "retryable", "model.overloaded"],
    [409, "Conflict", "retryable", "model.overloaded"],
    [429, "Rate limit reached", "retryable", "model.rate-limited"],
    [429, "The engine is currently overloaded", "retryable", "model.overloaded"],
    [429, "Request too large for gpt-x on tokens per min", "refused", "model.context-overflow"],
    [500, "The server had an error", "retryable", "model.overloaded"],
    [529, "Overloaded", "retryable", "model.overloaded"],
    [404, "The model gpt-x does not exist", "refused", "model.not-found"],
    [413, "Payload too large", "refused", "model.context-overflow"],
    [422, "Unprocessable", "refused", "model.bad-request"],
    [400, "The response was filtered: content_filter", "refused", "model.content-filtered"],
  ] as const)("reads status %i with %j as %s %s", (status, message, kind, code) => {
    expect(classified(answered(status, { message }))).toMatchObject({ kind, code });
  });

  test.each([
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
    "prompt is too long: 208310 tokens > 200000 maximum",
    "Input is too long for requested model.",
    "the request exceeds the available context size. try increasing the context size",
    "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
    "Please reduce the length of the messages or completion.",
    "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000",
  ])("knows an overflow by the words %j", (message) => {
    expect(classified(answered(400, { message }))).toMatchObject({ kind: "refused", code: "model.context-overflow" });
  });

  test.each([
    ["ThrottlingException", undefined, "retryable", "model.rate-limited"],
    ["ModelNotReadyException", 429, "retryable", "model.rate-limited"],
    ["ModelStreamErrorException", 424, "retryable", "model.overloaded"],
    ["ServiceUnavailableException", undefined, "retryable", "model.overloaded"],
    ["AccessDeniedException", 403, "refused", "model.unauthorized"],
    ["ExpiredTokenException", undefined, "refused", "model.unauthorized"],
    ["ValidationException", undefined, "refused", "model.bad-request"],
    ["ResourceNotFoundException", 404, "refused", "model.not-found"],
  ] as const)("reads the AWS exception %s (%s) as %s %s", (name, status, kind, code) => {
    expect(classified(awsError(name, "Something.", status))).toMatchObject({ kind, code });
  });

  test("tells a daily limit of Bedrock from a limit per minute", () => {
    const failure = classified(awsError("ThrottlingException", "Too many tokens per day, please wait.", 429));
    expect(failure).toMatchObject({ kind: "refused", code: "model.quota" });
  });

  test("names a missing model of Bedrock although it comes as a validation error", () => {
    const failure = classified(awsError("ValidationException", "The provided model identifier is invalid.", 400));
    expect(failure).toMatchObject({ kind: "refused", code: "model.not-found" });
  });

  test("finds missing AWS credentials by name", () => {
    const failure = classified(
      Object.assign(new Error("Could not load credentials"), { name: "CredentialsProviderError" }),
    );
    expect(failure).toMatchObject({ kind: "refused", code: "model.unauthorized" });
  });

  test("takes the status of an error inside a stream from its code", () => {
    expect(classified(answered(undefined, { code: 429, message: "slow" }))).toMatchObject({
      code: "model.rate-limited",
    });
    expect(classified(answered(undefined, { code: "server_error", message: "oops" }))).toMatchObject({
      code: "model.overloaded",
    });
  });

  test("retries what it does not know", () => {
    expect(classified(new Error("socket hang up"))).toMatchObject({ kind: "retryable", code: "model.unreachable" });
    expect(classified("odd")).toMatchObject({ kind: "retryable", code: "model.unreachable" });
  });

  test("refuses a bad certificate with guidance, however deep the reason lies", () => {
    const socket = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    const failure = classified(new APIConnectionError({ cause: new TypeError("fetch failed", { cause: socket }) }));
    expect(failure).toMatchObject({ kind: "refused", code: "model.certificate" });
    expect(failure.message).toContain("NODE_EXTRA_CA_CERTS");
  });
});

describe("the wait that a provider asks for", () => {
  const date = "Sun, 22 Nov 2026 10:00:00 GMT";
  test.each([
    [{ "retry-after": "3" }, 3000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after-ms": "250", "retry-after": "9" }, 250],
    [{ "retry-after": "Sun, 22 Nov 2026 10:00:20 GMT", date }, 20_000],
    [{ "retry-after": "Sun, 22 Nov 2026 09:00:00 GMT", date }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("is read from %j", (headers, retryAfterMs) => {
    const failure = classified(answered(429, { message: "slow" }, headers));
    expect(failure.retryAfterMs).toBe(retryAfterMs);
  });
});

describe("what a person or a log may see", () => {
  test.each(["very-secret-value", "sk-proj-abcdefghijklmnop", "AKIAIOSFODNN7EXAMPLE", "Bearer abc.def"])(
    "never holds %s",
    (secret) => {
      const failure = classified(answered(400, { message: `bad: ${secret}` }));
      expect(failure.message).toContain("***");
      expect(`${failure.message} ${String(failure.cause)}`).not.toContain(secret);
    },
  );

  test("is cut to a sentence of bearable length", () => {
    expect(classified(answered(400, { message: "x".repeat(5000) })).message.length).toBeLessThan(400);
  });

  test("keeps an error that has its kind already, and the reason of an abort", () => {
    const mine = refused("No.");
    expect(classify(mine, context, running)).toBe(mine);
    expect(classify(new Error("any"), context, AbortSignal.abort("stop"))).toBe("stop");
  });
});
