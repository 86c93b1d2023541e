import { describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { webhook } from "../../../core/platforms/webhook.ts";
import { connectOptions, failureOf, messagesOf, rawRequest, type Delivery } from "../../contracts/platform-case.ts";
import { platformSuite } from "../../contracts/platform-suite.ts";
import { startFakeWebhookReceiver, webhookDelivery, webhookSecret } from "../../fakes/platform-webhook.ts";

const settings = { TALARIA_WEBHOOK_SECRET: webhookSecret };
const place = { platform: "webhook", chat: "orders", kind: "direct", replyTo: "msg_1" } as const;
const signed = (body: string | object): Delivery => webhookDelivery({ id: "msg_1", body });

platformSuite({
  platform: webhook,
  settings: (url) => ({ ...settings, TALARIA_WEBHOOK_REPLY_URL: `${url}/replies` }),
  verifyingSettings: ["TALARIA_WEBHOOK_SECRET"],
  message: (text, id, atMs = Date.now()) =>
    webhookDelivery({ id: `msg_${String(id).padStart(4, "0")}`, body: { text }, timestamp: Math.floor(atMs / 1000) }),
  signed,
  silent: {},
  hasTimestamp: true,
  forged: (delivery) => ({ ...delivery, body: delivery.body.replace("hello", "jello") }),
  place,
  startServer: startFakeWebhookReceiver,
  flood: { status: 429, body: {}, headers: { "retry-after": "7" } },
  refusal: { status: 404, body: {} },
});

describe("a generic webhook", () => {
  /** The example of https://github.com/standard-webhooks/standard-webhooks, as its libraries test it. */
  const published: Delivery = {
    method: "POST",
    path: "/webhooks/webhook",
    headers: {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    body: '{"test": 2432232314}',
  };
  const publishedSettings = { TALARIA_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" };
  const verify = (delivery: Delivery, nowMs: number, values = publishedSettings) =>
    webhook.verify(rawRequest(delivery), values, nowMs).ok;

  it("passes the published vector", () => {
    expect(verify(published, 1_614_265_330_000)).toBe(true);
    expect(verify({ ...published, body: '{"test": 2432232315}' }, 1_614_265_330_000)).toBe(false);
  });

  it("is accepted when one of several signatures fits, as while a secret is rotated", () => {
    const several = `v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,abc ${published.headers["webhook-signature"]}`;
    const headers = { ...published.headers, "webhook-signature": several };
    expect(verify({ ...published, headers }, 1_614_265_330_000)).toBe(true);
  });

  it("signed by the published library is accepted", () => {
    const at = new Date();
    const body = '{"text":"häuschen 🏠"}';
    const signature = new Webhook(webhookSecret).sign("msg_7", at, body);
    const headers = {
      "webhook-id": "msg_7",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": signature,
    };
    expect(verify({ ...published, headers, body }, at.getTime(), settings)).toBe(true);
  });

  it("is refused while the secret is too short to be one", () => {
    const short = "whsec_c2hvcnQ=";
    const delivery = webhookDelivery({ secret: short, id: "msg_1", body: { text: "hi" } });
    const verdict = webhook.verify(rawRequest(delivery), { TALARIA_WEBHOOK_SECRET: short }, Date.now());
    expect(verdict).toMatchObject({ ok: false, reason: expect.stringContaining("24 bytes") });
  });

  it("may name conversation and sender", () => {
    const body = { conversation: "order-7", sender: { id: "shop", name: "The shop" }, text: "Where is it?" };
    expect(messagesOf(webhook.parse(rawRequest(signed(body)), settings))[0]).toMatchObject({
      key: "msg_1",
      place: { chat: "order-7", kind: "direct", replyTo: "msg_1" },
      sender: { id: "shop", name: "The shop" },
      text: "Where is it?",
    });
  });

  it.each([
    [{}, "text"],
    [{ text: "  " }, "text: must not be empty"],
    [{ text: "hi", pressed: "" }, "pressed"],
    [{ pressed: "x".repeat(61) }, "pressed"],
    [{ text: "hi", conversation: 7 }, "conversation"],
    [{ text: "hi", sender: { name: "x" } }, "sender.id"],
  ])("with the body %j is told what is wrong", (body, reason) => {
    const parsed = webhook.parse(rawRequest(signed(body)), settings);
    expect(parsed).toMatchObject({ kind: "unreadable", reason: expect.stringContaining(reason) });
  });

  it("may press a button, with its label or without", () => {
    const read = (body: object) => messagesOf(webhook.parse(rawRequest(signed(body)), settings))[0];
    expect(read({ pressed: "q:yes" })).toMatchObject({ pressed: "q:yes", text: "" });
    expect(read({ pressed: "q:yes", text: "Yes" })).toMatchObject({ pressed: "q:yes", text: "Yes" });
    expect(read({ text: "Yes" })).not.toHaveProperty("pressed");
  });

  it("never sends to an address that came in a message", () => {
    const parsed = webhook.parse(rawRequest(signed({ text: "hi", replyUrl: "http://169.254.169.254/" })), settings);
    expect(JSON.stringify(parsed)).not.toContain("169.254");
  });
});

describe("a reply to a generic webhook", () => {
  it("says what it answers, and is dropped by its receiver when it comes twice", async () => {
    await using server = disposable(await startFakeWebhookReceiver());
    const outbound = await webhook.connect({ ...settings, TALARIA_WEBHOOK_REPLY_URL: server.url }, connectOptions);
    server.failNext({ how: "lost" });
    await failureOf(outbound.send(place, "*Done.*", { idempotencyKey: "ses_1-1-0" }));
    await outbound.send(place, "*Done.*", { idempotencyKey: "ses_1-1-0" });
    expect(server.messages).toEqual([
      { id: "reply_ses_1-1-0", conversation: "orders", text: "*Done.*", inReplyTo: "msg_1" },
    ]);
    expect(server.repeats()).toBe(1);
  });

  it("is refused, naming the missing setting, when there is nowhere to send it", async () => {
    const outbound = await webhook.connect(settings, connectOptions);
    const error = await failureOf(outbound.send(place, "hi", { idempotencyKey: "k" }));
    expect(error.kind).toBe("refused");
    expect(error.message).toContain("TALARIA_WEBHOOK_REPLY_URL");
  });

  it("does not follow a redirect", async () => {
    await using server = disposable(await startFakeWebhookReceiver());
    const outbound = await webhook.connect({ ...settings, TALARIA_WEBHOOK_REPLY_URL: server.url }, connectOptions);
    server.failNext({ status: 307, headers: { location: `${server.url}/elsewhere` } });
    expect((await failureOf(outbound.send(place, "hi", { idempotencyKey: "k" }))).kind).toBe("refused");
    expect(server.calls.length).toBe(1);
  });
});

const disposable = <T extends { close(): Promise<void> }>(server: T): T & AsyncDisposable => ({
  ...server,
  [Symbol.asyncDispose]: () => server.close(),
});

describe("the agent's own signed reply", () => {
  it("is refused when it comes back as a message: two agents must not talk to each other for ever", () => {
    const { method, path, headers, body } = webhookDelivery({ id: "reply_ses_1-1-0", body: { text: "Done." } });
    const request = { method, path, headers, query: {}, body: Buffer.from(body) };
    const verdict = webhook.verify(request, { TALARIA_WEBHOOK_SECRET: webhookSecret }, Date.now());
    expect(verdict).toMatchObject({ ok: false, reason: expect.stringContaining("reply_") });
  });
});

describe("a message without a conversation", () => {
  it("belongs to its sender's own, so that two senders share nothing", () => {
    const placeOf = (sender: string) => {
      const { method, path, headers, body } = webhookDelivery({
        id: "m",
        body: { text: "hi", sender: { id: sender } },
      });
      const parsed = webhook.parse({ method, path, headers, query: {}, body: Buffer.from(body) }, {});
      return parsed.kind === "messages" ? parsed.messages[0]?.place.chat : undefined;
    };
    expect([placeOf("alice"), placeOf("bob")]).toEqual(["alice", "bob"]);
  });
});
