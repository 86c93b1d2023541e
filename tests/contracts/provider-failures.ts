import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Model } from "../../core/providers/provider.ts";
import { startModelServer, type Cut, type ModelServer, type Reply } from "../fakes/model-server.ts";
import { collect, failureOf, never, requestOf, user, type ProviderUnderTest } from "./provider-cases.ts";

/** How every provider must fail: never quietly, with the kind that says what happens next, and promptly on an abort. */
export function failureSuite(subject: ProviderUnderTest): void {
  describe(`${subject.name} when things go wrong`, () => {
    let server: ModelServer;
    let model: Model;
    let next: Reply;

    beforeEach(async () => {
      next = { text: "Hello." };
      server = await startModelServer(() => next);
      model = await subject.connect(server);
    });
    afterEach(() => server.close());

    describe("a stream that is cut", () => {
      const cuts: Cut[] = ["mid-text", "mid-tool-arguments", "before-finish", "mid-event-bytes"];
      test.each(cuts)("%s throws a retryable error instead of ending quietly", async (cut) => {
        next = {
          text: "A text of some length.",
          toolCalls: [{ name: "weather", arguments: { city: "Ulaanbaatar" } }],
          chunkSize: 4,
          cut,
        };
        const failure = await failureOf(model);
        expect(failure).toMatchObject({ kind: "retryable", code: "model.stream-cut" });
      });
    });

    describe("an error", () => {
      const asked = async (error: Reply["error"]) => {
        next = { ...(error && { error }) };
        return failureOf(model);
      };
      const { errors } = subject;

      test("401 is refused, names what to check and hides the key", async () => {
        const failure = await asked({ status: 401, message: `Wrong key ${subject.secret}`, ...errors.unauthorized });
        expect(failure).toMatchObject({ kind: "refused", code: "model.unauthorized" });
        expect(failure.message).toMatch(/Check .*[A-Z]+_[A-Z]+_/);
        expect(`${failure.message} ${String(failure.cause)}`).not.toContain(subject.secret);
      });

      test("429 is retryable after the time that was asked for", async () => {
        const failure = await asked({
          status: 429,
          message: "Slow down",
          ...errors.rateLimited,
          headers: { "retry-after": "7" },
        });
        expect(failure).toMatchObject({ kind: "retryable", code: "model.rate-limited", retryAfterMs: 7000 });
      });

      test("inside a running stream is classified like any other", async () => {
        next = {
          text: "Well, ",
          error: { status: 200, insideStream: true, message: "Slow down", ...errors.rateLimited },
        };
        expect(await failureOf(model)).toMatchObject({ kind: "retryable", code: "model.rate-limited" });
        next = { text: "Well, ", error: { status: 200, insideStream: true, message: "Oops", ...errors.fault } };
        expect(await failureOf(model)).toMatchObject({ kind: "retryable", code: "model.overloaded" });
      });

      test("500 is retryable, and the client does not retry by itself", async () => {
        const failure = await asked({ status: 500, message: "Oops", ...errors.fault });
        expect(failure).toMatchObject({ kind: "retryable", code: "model.overloaded", retryAfterMs: undefined });
        expect(server.requests).toHaveLength(1);
      });

      test("404 is refused and names the model and the setting", async () => {
        const failure = await asked({ status: 404, message: "No such model", ...errors.missingModel });
        expect(failure).toMatchObject({ kind: "refused", code: "model.not-found" });
        expect(failure.message).toContain("test-model");
        expect(failure.message).toContain("TALARIA_MODEL");
      });

      test("a prompt that is too long has its own code", async () => {
        const failure = await asked({
          status: 400,
          message: "Input is too long for requested model.",
          ...errors.overflow,
        });
        expect(failure).toMatchObject({ kind: "refused", code: "model.context-overflow" });
      });

      test("400 for another reason is refused with the provider's sentence, secrets masked", async () => {
        const failure = await asked({
          status: 400,
          message: `temperature is odd for ${subject.secret}`,
          ...errors.badRequest,
        });
        expect(failure).toMatchObject({ kind: "refused", code: "model.bad-request" });
        expect(failure.message).toContain("temperature is odd for ***");
      });

      test("a server that is not there is retryable", async () => {
        await server.close();
        const failure = await failureOf(model);
        expect(failure).toMatchObject({ kind: "retryable", code: "model.unreachable" });
        server = await startModelServer(() => next);
      });
    });

    describe("an abort", () => {
      test("stops a running stream at once with the signal's own reason and hangs up", async () => {
        next = { text: "x".repeat(400), chunkSize: 1, delayMs: 25 };
        const controller = new AbortController();
        const reason = new Error("the person said stop");
        const started = Date.now();
        const run = async () => {
          for await (const event of model.complete(requestOf([user("Hi")]), controller.signal)) {
            if (event.type === "text") controller.abort(reason);
          }
        };
        await expect(run()).rejects.toBe(reason);
        expect(Date.now() - started).toBeLessThan(5000);
        await expect.poll(() => server.requests[0]?.hungUp, { timeout: 5000 }).toBe(true);
      });

      test("before the first byte ends the request too", async () => {
        const controller = new AbortController();
        next = { text: "late", delayMs: 8000 };
        const running = collect(model, requestOf([user("Hi")]), controller.signal);
        const ended = running.catch((error: unknown) => error);
        await expect.poll(() => server.requests.length).toBe(1);
        controller.abort("enough");
        expect(await ended).toBe("enough");
        await expect.poll(() => server.requests[0]?.hungUp, { timeout: 5000 }).toBe(true);
      });

      test("in advance sends nothing", async () => {
        await expect(collect(model, requestOf([user("Hi")]), AbortSignal.abort("no"))).rejects.toBe("no");
        expect(server.requests).toHaveLength(0);
      });

      test("by a reader that stops reading hangs up", async () => {
        next = { text: "x".repeat(400), chunkSize: 1, delayMs: 25 };
        for await (const event of model.complete(requestOf([user("Hi")]), never)) if (event.type === "text") break;
        await expect.poll(() => server.requests[0]?.hungUp, { timeout: 5000 }).toBe(true);
      });
    });
  });
}
