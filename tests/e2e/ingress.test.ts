import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  slackDelivery,
  slackSecret,
  slackSigned,
  slackToken,
  startFakeSlack,
  type FakeSlack,
} from "../fakes/platform-slack.ts";
import { telegramDelivery } from "../fakes/platform-telegram.ts";
import {
  startFakeWebhookReceiver,
  webhookDelivery,
  webhookSecret,
  type FakeWebhookReceiver,
} from "../fakes/platform-webhook.ts";
import {
  startFakeWhatsApp,
  whatsappDelivery,
  whatsappNumber,
  whatsappSecret,
  whatsappSigned,
  whatsappToken,
  whatsappVerifyToken,
  type FakeWhatsApp,
} from "../fakes/platform-whatsapp.ts";
import { atRest, startAgent, telegramWebhookSecret, until, type TestAgent, whenQuiet } from "../support/agent.ts";

interface Delivery {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

let agent: TestAgent;
let slack: FakeSlack;
let whatsapp: FakeWhatsApp;
let receiver: FakeWebhookReceiver;

beforeAll(async () => {
  [slack, whatsapp, receiver] = await Promise.all([startFakeSlack(), startFakeWhatsApp(), startFakeWebhookReceiver()]);
  agent = await startAgent(() => ({ text: "Hello." }), {
    settings: {
      TALARIA_ALLOWED_USERS: "telegram:42,slack:U0ADA,whatsapp:16505551234",
      SLACK_BOT_TOKEN: slackToken,
      SLACK_SIGNING_SECRET: slackSecret,
      SLACK_API_URL: `${slack.url}/api/`,
      WHATSAPP_ACCESS_TOKEN: whatsappToken,
      WHATSAPP_APP_SECRET: whatsappSecret,
      WHATSAPP_VERIFY_TOKEN: whatsappVerifyToken,
      WHATSAPP_PHONE_NUMBER_ID: whatsappNumber,
      WHATSAPP_API_URL: whatsapp.url,
      TALARIA_WEBHOOK_SECRET: webhookSecret,
      TALARIA_WEBHOOK_REPLY_URL: receiver.url,
    },
  });
});
afterAll(async () => {
  await agent.close();
  await Promise.all([slack.close(), whatsapp.close(), receiver.close()]);
});
beforeEach(async () => {
  await atRest(agent);
  agent.model.requests.length = 0;
});

const post = (delivery: Partial<Delivery> & { path: string }) => fetch(`${agent.cloud.url}${delivery.path}`, delivery);

const signed: Record<string, { delivery(id: string, text?: string): Delivery; replies(): { text: string }[] }> = {
  telegram: {
    delivery: (id, text = "hi") =>
      telegramDelivery({
        secret: telegramWebhookSecret,
        updateId: Number(id),
        text,
        from: { id: 42, first_name: "Ada" },
      }),
    replies: () => agent.telegram.messages,
  },
  slack: {
    delivery: (id, text = "hi") => slackDelivery({ event: { ts: `1700000000.${id}`, text } }),
    replies: () => slack.messages,
  },
  whatsapp: {
    delivery: (id, text = "hi") => whatsappDelivery({ id: `wamid.${id}`, text }),
    replies: () => whatsapp.messages,
  },
  webhook: {
    delivery: (id, text = "hi") => webhookDelivery({ id: `msg_${id}`, body: { text } }),
    replies: () => receiver.messages,
  },
};

/** Nothing that a refused request did may be found anywhere: no model call, no write, no turn. */
async function nothingHappened(act: () => Promise<void>): Promise<void> {
  const before = await whenQuiet(agent);
  await act();
  expect(agent.cloud.counters.snapshot().calls).toEqual(before);
  expect(agent.model.requests).toEqual([]);
}

describe.each(Object.entries(signed))("on %s", (name, { delivery, replies }) => {
  it("a signed message is answered on the platform's own API, and three deliveries of it once", async () => {
    const before = replies().length;
    const answers = await Promise.all([1, 2, 3].map(() => post(delivery("1001"))));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    await until("the reply", () => replies().length > before);
    expect((await post(delivery("1001"))).status).toBe(200);
    await atRest(agent);
    expect(
      replies()
        .slice(before)
        .map(({ text }) => text),
    ).toEqual(["Hello."]);
    expect(agent.model.requests).toHaveLength(1);
  });

  it("a wrong signature is answered 401 and leaves no trace", async () => {
    await nothingHappened(async () => {
      const { headers, ...rest } = delivery("1002");
      const wrong = Object.fromEntries(
        Object.entries(headers).map(([key, value]) => [
          key,
          /signature|secret/.test(key) ? `${value.slice(0, -4)}AAAA` : value,
        ]),
      );
      const answer = await post({ ...rest, headers: wrong });
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toMatch(/stack|node:|\/core\//);
    });
  });

  it("a missing signature is answered 401", async () => {
    await nothingHappened(async () => {
      const { headers: _, ...rest } = delivery("1003");
      expect((await post({ ...rest, headers: { "content-type": "application/json" } })).status).toBe(401);
    });
  });

  it("a body of two megabytes is answered 413 before its signature is looked at", async () => {
    await nothingHappened(async () => {
      const big = { ...delivery("1004"), body: "x".repeat(2_000_000) };
      expect((await post(big)).status).toBe(413);
    });
  });

  it("a body that came as base64 is read as the bytes that were signed", async () => {
    const before = replies().length;
    // A content type that the function URL front passes on as base64.
    const { headers, ...rest } = delivery("1005", "größer 🎉");
    const odd = name === "slack" ? headers : { ...headers, "content-type": "application/octet-stream" };
    expect((await post({ ...rest, headers: odd })).status).toBe(200);
    await until("the reply", () => replies().length > before);
    const asked = agent.model.requests.at(-1)?.messages.at(-1);
    expect(asked).toMatchObject({ role: "user", text: "größer 🎉" });
  });
});

describe("a request that is signed but not understood", () => {
  it.each([
    ["slack", () => slackSigned({ body: "{broken" })],
    ["whatsapp", () => whatsappSigned("{broken")],
    ["webhook", () => webhookDelivery({ id: "msg_broken", body: "{broken" })],
    ["webhook", () => webhookDelivery({ id: "msg_empty", body: { text: "" } })],
    ["webhook", () => webhookDelivery({ id: "msg_long", body: { text: "x".repeat(100_001) } })],
    ["telegram", () => ({ ...telegramDelivery({ secret: telegramWebhookSecret, updateId: 1 }), body: "{broken" })],
  ])("is answered 400 on %s", async (_name, make) => {
    await nothingHappened(async () => {
      const answer = await post(make());
      expect(answer.status).toBe(400);
      expect(await answer.json()).toHaveProperty("error");
    });
  });

  it.each([
    [
      "slack",
      () => slackDelivery({ event: { ts: "1", text: "late" }, timestamp: Math.floor(Date.now() / 1000) - 600 }),
    ],
    [
      "slack",
      () => slackDelivery({ event: { ts: "1", text: "early" }, timestamp: Math.floor(Date.now() / 1000) + 600 }),
    ],
    [
      "webhook",
      () => webhookDelivery({ id: "m", body: { text: "late" }, timestamp: Math.floor(Date.now() / 1000) - 600 }),
    ],
  ])("or whose timestamp is ten minutes off is answered 401 on %s", async (_name, make) => {
    await nothingHappened(async () => expect((await post(make())).status).toBe(401));
  });
});

describe("a path or method that is not ours", () => {
  it("is answered 404 or 405", async () => {
    await nothingHappened(async () => {
      expect((await post({ method: "POST", path: "/webhooks/carrier-pigeon", body: "{}" })).status).toBe(404);
      expect((await post({ method: "POST", path: "/webhooks/__proto__", body: "{}" })).status).toBe(404);
      expect((await post({ method: "DELETE", path: "/webhooks/telegram" })).status).toBe(405);
    });
  });
});

describe("a platform without its secret", () => {
  it("is off: 404 for the caller, the missing name in the log", async () => {
    const answer = await post({ method: "POST", path: "/webhooks/web", body: "{}" });
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain("TALARIA_WEB_TOKEN");
    expect(readFileSync(join(agent.dataFolder, "talaria.log"), "utf8")).toContain("TALARIA_WEB_TOKEN");
  });
});

describe("no secret", () => {
  it("ever reaches the log", () => {
    const log = readFileSync(join(agent.dataFolder, "talaria.log"), "utf8");
    for (const secret of [
      telegramWebhookSecret,
      slackSecret,
      slackToken,
      whatsappSecret,
      whatsappToken,
      webhookSecret,
      "sk-of-the-scripted-model",
    ])
      expect(log).not.toContain(secret);
  });
});
