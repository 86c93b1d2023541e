import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outbound } from "../../../core/platforms/platform.ts";
import { whatsapp } from "../../../core/platforms/whatsapp.ts";
import { connectOptions, failureOf, messagesOf, rawRequest, type Delivery } from "../../contracts/platform-case.ts";
import { platformSuite } from "../../contracts/platform-suite.ts";
import {
  startFakeWhatsApp,
  whatsappDelivery,
  whatsappError,
  whatsappNumber,
  whatsappOutsideWindow,
  whatsappSecret,
  whatsappSigned,
  whatsappToken,
  whatsappVerifyToken,
  type FakeWhatsApp,
} from "../../fakes/platform-whatsapp.ts";

const settings = {
  WHATSAPP_ACCESS_TOKEN: whatsappToken,
  WHATSAPP_APP_SECRET: whatsappSecret,
  WHATSAPP_VERIFY_TOKEN: whatsappVerifyToken,
  WHATSAPP_PHONE_NUMBER_ID: whatsappNumber,
};
const place = {
  platform: "whatsapp",
  workspace: whatsappNumber,
  chat: "16505551234",
  kind: "direct",
  replyTo: "wamid.ONE",
} as const;

const fixtures = JSON.parse(
  readFileSync(new URL("../../fixtures/platforms/whatsapp.json", import.meta.url), "utf8"),
) as Record<string, object>;

const fixture = (name: string): Delivery => whatsappSigned(JSON.stringify(fixtures[name]));
const parse = (delivery: Delivery) => messagesOf(whatsapp.parse(rawRequest(delivery), settings));
const said = (message: object) => parse(whatsappDelivery({ id: "wamid.X", message }))[0]?.text;

platformSuite({
  platform: whatsapp,
  settings: (url) => ({ ...settings, WHATSAPP_API_URL: url }),
  verifyingSettings: ["WHATSAPP_APP_SECRET"],
  message: (text, id, atMs = Date.now()) =>
    whatsappDelivery({ id: `wamid.${String(id).padStart(4, "0")}`, text, timestamp: Math.floor(atMs / 1000) }),
  signed: (body) => whatsappSigned(body),
  silent: {
    "a receipt": fixture("status"),
    "a change of another kind": fixture("otherField"),
    "a message to another number": fixture("otherNumber"),
    "no entries": whatsappSigned('{"object":"whatsapp_business_account","entry":[]}'),
    "a reaction": whatsappDelivery({ id: "wamid.R", message: { type: "reaction", reaction: { emoji: "👍" } } }),
    "a message in a group": whatsappDelivery({
      id: "wamid.G",
      text: "hi all",
      message: { group_id: "Y2FwaV9ncm91cDo" },
    }),
  },
  hasTimestamp: false,
  forged: (delivery) => ({ ...delivery, body: delivery.body.replace("hello", "jello") }),
  place,
  startServer: startFakeWhatsApp,
  flood: { ...whatsappError(429, 130429, "Rate limit hit"), headers: { "retry-after": "7" } },
  refusal: whatsappError(400, 131026, "Message undeliverable"),
  buttons: {
    press: ({ payload, label }, { id, by }) =>
      whatsappDelivery({
        id: `wamid.PRESS${id}`,
        from: by,
        message: {
          type: "interactive",
          interactive: { type: "button_reply", button_reply: { id: payload, title: label } },
          context: { from: "15550783881", id: "wamid.OUT1" },
        },
      }),
    people: [place.chat, place.chat],
    foreign: {
      "a press in a group": whatsappDelivery({
        id: "wamid.G2",
        message: { type: "interactive", interactive: { button_reply: { id: "q:yes", title: "Yes" } }, group_id: "Y2" },
      }),
    },
  },
});

describe("a request from WhatsApp", () => {
  /** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries: the same header and algorithm. */
  it("passes the published vector of its signature", () => {
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const request = rawRequest({
      method: "POST",
      path: "/",
      headers: { "x-hub-signature-256": signature },
      body: "Hello, World!",
    });
    const secret = { ...settings, WHATSAPP_APP_SECRET: "It's a Secret to Everybody" };
    expect(whatsapp.verify(request, secret, 0)).toEqual({ ok: true });
    expect(whatsapp.verify(request, settings, 0).ok).toBe(false);
  });

  it("that subscribes is verified by its token and gets its challenge back", () => {
    const subscribe = (token: string, values = {}) => {
      const query = { "hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1158201444" };
      const request = rawRequest({ method: "GET", path: "/webhooks/whatsapp", headers: {}, body: "", query });
      return {
        verdict: whatsapp.verify(request, { ...settings, ...values }, 0),
        parsed: whatsapp.parse(request, settings),
      };
    };
    expect(subscribe(whatsappVerifyToken)).toMatchObject({
      verdict: { ok: true },
      parsed: { kind: "answer", response: { status: 200, body: "1158201444" } },
    });
    expect(subscribe("guess").verdict.ok).toBe(false);
    expect(subscribe("", { WHATSAPP_VERIFY_TOKEN: "" }).verdict.ok).toBe(false);
  });
});

describe("a WhatsApp notification", () => {
  it("may hold many messages, in their order, of people with and without a phone number", () => {
    expect(
      parse(fixture("batch")).map(({ key, sender, text, place }) => [key, sender.id, sender.name, text, place.chat]),
    ).toEqual([
      ["wamid.ONE", "16505551234", "Ada", "first 🏠", "16505551234"],
      ["wamid.TWO", "16505555678", "Bob", "Yes, please", "16505555678"],
      ["wamid.THREE", "16505551234", "Ada", "Stop", "16505551234"],
      ["wamid.FOUR", "US.13491208655302741918", "Cleo", "[photo]\nwhat is this?", "US.13491208655302741918"],
    ]);
    const [first, second] = parse(fixture("batch"));
    expect((first?.order ?? "") < (second?.order ?? "")).toBe(true);
  });

  it("names number and message, so that the answer knows where to go", () => {
    expect(parse(whatsappDelivery({ id: "wamid.X", text: "hi" }))[0]?.place).toEqual({ ...place, replyTo: "wamid.X" });
  });

  it("with media says in words what it was", () => {
    expect(said({ type: "audio", audio: { id: "1", voice: true } })).toBe("[voice message]");
    expect(said({ type: "document", document: { id: "1", filename: "bill.pdf", caption: "pay?" } })).toBe(
      "[file: bill.pdf]\npay?",
    );
    expect(said({ type: "sticker", sticker: { id: "1" } })).toBe("[sticker]");
    expect(said({ type: "location", location: { latitude: 1, longitude: 2, name: "Home" } })).toBe(
      "[location: 1, 2 (Home)]",
    );
    expect(said({ type: "contacts", contacts: [{ name: { formatted_name: "Bob" } }] })).toBe("[contact: Bob]");
    expect(said({ type: "unsupported", errors: [{ code: 131051 }] })).toContain("does not pass on");
  });
});

describe("sending to WhatsApp", () => {
  let server: FakeWhatsApp;
  let outbound: Outbound;
  const key = { idempotencyKey: "k" };
  beforeAll(async () => {
    server = await startFakeWhatsApp();
    outbound = await whatsapp.connect({ ...settings, WHATSAPP_API_URL: server.url }, connectOptions);
  });
  afterAll(() => server.close());

  it("writes to a phone number, and to a person without one by their user id", async () => {
    await outbound.send(place, "hi", key);
    expect(server.messages.at(-1)).toMatchObject({ to: "16505551234", text: "hi" });
    await outbound.send({ ...place, chat: "US.13491208655302741918" }, "hi", key);
    expect(JSON.parse(server.calls.at(-1)?.text ?? "")).toMatchObject({ recipient: "US.13491208655302741918" });
  });

  it("says ahead what has no room beside buttons, and asks with the end of the text", async () => {
    const before = server.messages.length;
    const text = `${"A long story. ".repeat(100).trim()}\n\nMay I?`;
    const { id } = await outbound.send(place, text, { ...key, buttons: [{ payload: "q:yes", label: "Yes" }] });
    const sent = server.messages.slice(before);
    expect(sent.map((message) => message.text)).toEqual([text.split("\n\n")[0], "May I?"]);
    expect(sent.map(({ buttons }) => buttons?.length)).toEqual([undefined, 1]);
    expect(id).toBe(sent[1]?.id);
  });

  it.each(["x".repeat(4096), `${"x".repeat(4000)} \n`, "🏠".repeat(2048), `${"word ".repeat(800)}end`])(
    "finds room for buttons under any text",
    async (text) => {
      const before = server.messages.length;
      await outbound.send(place, text, { ...key, buttons: [{ payload: "q:yes", label: "Yes" }] });
      const sent = server.messages.slice(before);
      expect(sent.at(-1)?.buttons).toHaveLength(1);
      expect(sent.every((message) => message.text.isWellFormed())).toBe(true);
      expect(
        sent
          .map((message) => message.text)
          .join("")
          .replaceAll(/\s/g, ""),
      ).toBe(text.replaceAll(/\s/g, ""));
    },
  );

  it("numbers labels that would look alike", async () => {
    const labels = ["Allow it in this conversation", "Allow it in this folder", "No"];
    const buttons = labels.map((label, index) => ({ label, payload: `q:${index}` }));
    await outbound.send(place, "May I?", { ...key, buttons: buttons.slice(0, 1) });
    expect(server.messages.at(-1)?.buttons?.[0]?.label).toBe("Allow it in this co…");
    await outbound.send(place, "May I?", { ...key, buttons });
    expect(server.messages.at(-1)?.buttons?.map(({ label }) => label)).toEqual([
      "Allow it in this co…",
      "Allow it in this fo…",
      "No",
    ]);
    const alike = [...buttons.slice(0, 1), { label: "Allow it in this country", payload: "q:9" }];
    await outbound.send(place, "May I?", { ...key, buttons: alike });
    expect(server.messages.at(-1)?.buttons?.map(({ label }) => label)).toEqual([
      "1. Allow it in this…",
      "2. Allow it in this…",
    ]);
  });

  it("marks the message that it answers as read while it types", async () => {
    await outbound.typing?.(place);
    expect(server.typings).toEqual(["wamid.ONE"]);
  });

  it("explains the window of 24 hours", async () => {
    server.failNext(whatsappOutsideWindow);
    const error = await failureOf(outbound.send(place, "hi", key));
    expect(error).toMatchObject({ kind: "refused", code: "whatsapp.outside-window" });
    expect(error.message).toContain("24 hours");
  });

  it("says which setting is wrong when the token is not accepted", async () => {
    const wrong = { ...settings, WHATSAPP_ACCESS_TOKEN: "expired", WHATSAPP_API_URL: server.url };
    const error = await failureOf((await whatsapp.connect(wrong, connectOptions)).send(place, "hi", key));
    expect(error.message).toContain("WHATSAPP_ACCESS_TOKEN");
  });

  it("waits a while when WhatsApp does not say how long", async () => {
    server.failNext(whatsappError(400, 131056, "Pair rate limit hit"));
    expect(await failureOf(outbound.send(place, "hi", key))).toMatchObject({ kind: "retryable", retryAfterMs: 5000 });
  });
});
