import { App, isValidSlackRequest, type BlockAction, type ButtonAction, type Receiver } from "@slack/bolt";
import { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slack } from "../../../core/platforms/slack.ts";
import { messagesOf, rawRequest, type Delivery } from "../../contracts/platform-case.ts";
import { startFakeServer, type Call, type FakeServer } from "../../fakes/platform-server.ts";
import { slackCommand, slackDelivery, slackSecret, slackSigned } from "../../fakes/platform-slack.ts";
import { slackPress } from "../../fakes/platform-slack-press.ts";
import { startSlackEmulator } from "../../fakes/slack-emulator.ts";

const settings = { SLACK_BOT_TOKEN: "xoxb-bot", SLACK_SIGNING_SECRET: slackSecret };

/** What Slack's own framework says of a request. */
const boltAccepts = ({ headers, body }: Delivery, nowMilliseconds: number): boolean =>
  isValidSlackRequest({
    signingSecret: slackSecret,
    body,
    headers: {
      "x-slack-signature": headers["x-slack-signature"] ?? "",
      "x-slack-request-timestamp": Number(headers["x-slack-request-timestamp"]),
    },
    nowMilliseconds,
  });

describe("Slack's own framework and this adapter", () => {
  const now = Date.now();
  const seconds = Math.floor(now / 1000);
  const good = slackDelivery({ event: { text: "häuschen 🏠", ts: "1782000000.000100" }, timestamp: seconds });
  const cases: Record<string, Delivery> = {
    "a signed event": good,
    "a signed command": slackCommand({ fields: { text: "a b&c=d" }, timestamp: seconds }),
    "a pressed button": slackPress({ button: { label: "Jā & nē", payload: "q:yes" }, timestamp: seconds }),
    "an empty body": slackSigned({ body: "", timestamp: seconds }),
    "a changed body": { ...good, body: good.body.replace("häuschen", "hauschen") },
    "another secret": slackSigned({ body: "{}", secret: "another", timestamp: seconds }),
    "an old timestamp": slackSigned({ body: "{}", timestamp: seconds - 360 }),
    "a changed timestamp": { ...good, headers: { ...good.headers, "x-slack-request-timestamp": String(seconds - 1) } },
    "a signature of another version": {
      ...good,
      headers: { ...good.headers, "x-slack-signature": good.headers["x-slack-signature"].replace("v0", "v1") },
    },
  };

  it.each(Object.entries(cases))("judge %s alike", (_what, delivery) => {
    expect(slack.verify(rawRequest(delivery), settings, now).ok).toBe(boltAccepts(delivery, now));
  });
});

/** An app of Slack's own framework that is handed its requests by the test. */
async function boltApp(): Promise<App> {
  const receiver: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };
  const app = new App({
    receiver,
    authorize: async () => ({ botToken: "xoxb-bot", botId: "B0TALARIA", botUserId: "U0TALARIA" }),
    deferInitialization: true,
  });
  await app.init();
  return app;
}

describe("a press, read by Slack's own framework and by this adapter", () => {
  it("has the same payload, person, channel and thread", async () => {
    const delivery = slackPress({
      button: { label: "Yes & no", payload: "q:yes" },
      channel: { id: "C0002", name: "general" },
      message: { ts: "1782000090.000500", thread_ts: "1782000060.000300" },
    });
    const app = await boltApp();
    let seen: object | undefined;
    app.action<BlockAction<ButtonAction>>(/^answer-/, async ({ action, body, ack }) => {
      await ack();
      seen = {
        pressed: action.value,
        text: action.text.text,
        sender: { id: body.user.id },
        place: { workspace: body.team?.id, chat: body.channel?.id, thread: body.message?.["thread_ts"] as string },
      };
    });
    const body = JSON.parse(new URLSearchParams(delivery.body).get("payload") ?? "") as Record<string, unknown>;
    await app.processEvent({ body, ack: async () => {} });
    const [message] = messagesOf(slack.parse(rawRequest(delivery), settings));
    expect(message).toMatchObject(seen ?? { nothing: "seen" });
  });
});

describe("events of an emulated Slack", () => {
  let receiver: FakeServer;
  let emulator: Awaited<ReturnType<typeof startSlackEmulator>>;
  const asDelivery = ({ method, path, headers, text }: Call): Delivery => ({ method, path, headers, body: text });

  beforeAll(async () => {
    receiver = await startFakeServer({ operationOf: () => "event", answer: () => ({ status: 200, body: "" }) });
    emulator = await startSlackEmulator({
      signingSecret: slackSecret,
      eventsUrl: `${receiver.url}/webhooks/slack`,
      users: [{ name: "ada" }, { name: "talaria" }],
      tokens: [{ token: "xoxp-ada", user: "ada" }],
    });
  });
  afterAll(async () => {
    await emulator.close();
    await receiver.close();
  });

  it("are accepted, and read as what the person wrote", async () => {
    const ada = new WebClient("xoxp-ada", { slackApiUrl: `${emulator.url}/api/` });
    const { members = [] } = await ada.users.list({});
    const agent = members.find(({ name }) => name === "talaria")?.id ?? "";
    const { ts } = await ada.chat.postMessage({ channel: agent, text: "Is 1 &lt; 2 &amp; 3 &gt; 2? 🏠" });

    const delivery = receiver.calls.map(asDelivery).find(({ body }) => body.includes('"type":"message"'));
    if (!delivery) throw new Error("No message event arrived.");
    expect(slack.verify(rawRequest(delivery), settings, Date.now())).toEqual({ ok: true });
    expect(boltAccepts(delivery, Date.now())).toBe(true);
    const [message] = messagesOf(slack.parse(rawRequest(delivery), settings));
    expect(message).toMatchObject({ text: "Is 1 < 2 & 3 > 2? 🏠", order: ts, place: { kind: "direct" } });
    expect(message?.sender.id).toBe(members.find(({ name }) => name === "ada")?.id);
  });

  it("of another kind than messages are nothing to do", () => {
    const others = receiver.calls.map(asDelivery).filter(({ body }) => !body.includes('"type":"message"'));
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) expect(messagesOf(slack.parse(rawRequest(other), settings))).toEqual([]);
  });
});
