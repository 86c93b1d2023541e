import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outbound } from "../../../core/platforms/platform.ts";
import { telegram } from "../../../core/platforms/telegram.ts";
import { connectOptions, failureOf, messagesOf, rawRequest, type Delivery } from "../../contracts/platform-case.ts";
import { platformSuite } from "../../contracts/platform-suite.ts";
import {
  startFakeTelegram,
  telegramBlocked,
  telegramDelivery,
  telegramFlood,
  telegramToken,
  type FakeTelegram,
} from "../../fakes/platform-telegram.ts";
import { telegramPress } from "../../fakes/platform-telegram-press.ts";

const secret = "a-webhook-secret_1";
const settings = { TELEGRAM_BOT_TOKEN: telegramToken, TELEGRAM_WEBHOOK_SECRET: secret };
const botId = Number.parseInt(telegramToken, 10);
const place = { platform: "telegram", chat: "42", kind: "direct" } as const;
const group = { id: -100200, type: "supergroup" };

const question = { id: 900, chat: { id: 42, type: "private" } };

const fixtures = JSON.parse(
  readFileSync(new URL("../../fixtures/platforms/telegram.json", import.meta.url), "utf8"),
) as Record<string, object>;

const signed = (body: string): Delivery => ({ ...telegramDelivery({ secret, updateId: 1, text: "" }), body });
const fixture = (name: string): Delivery => signed(JSON.stringify(fixtures[name]));
const parse = (delivery: Delivery, more = {}) =>
  messagesOf(telegram.parse(rawRequest(delivery), { ...settings, ...more }));

platformSuite({
  platform: telegram,
  settings: (url) => ({ ...settings, TELEGRAM_API_ROOT: url }),
  verifyingSettings: ["TELEGRAM_WEBHOOK_SECRET"],
  message: (text, id, atMs = Date.now()) =>
    telegramDelivery({ secret, updateId: id, text, date: Math.floor(atMs / 1000) }),
  signed,
  silent: {
    "a message of its own": telegramDelivery({
      secret,
      updateId: 5,
      text: "me",
      from: { id: botId, first_name: "Talaria", is_bot: true },
    }),
    "an edited message": fixture("edited"),
    "a channel post": fixture("channelPost"),
    "a service message": fixture("joined"),
    "a kind of update it does not know": signed('{"update_id":9,"purchased_paid_media":{}}'),
  },
  hasTimestamp: false,
  forged: (delivery) => ({
    ...delivery,
    headers: { ...delivery.headers, "x-telegram-bot-api-secret-token": "guess" },
  }),
  place,
  startServer: startFakeTelegram,
  flood: telegramFlood(7),
  refusal: telegramBlocked,
  buttons: {
    press: ({ payload }, { id, by, of }) =>
      telegramPress({
        secret,
        updateId: id,
        data: payload,
        from: { id: Number(by), first_name: "Ada" },
        message: { id: 900, chat: { id: 42, type: "private" }, buttons: of },
      }),
    people: ["42", "43"],
    foreign: {
      "the press of a button that opens a game": telegramPress({ secret, updateId: 1, message: question }),
      "a press under a message that was sent inline": telegramPress({ secret, updateId: 1, data: "q:yes" }),
      "a press by a bot": telegramPress({
        secret,
        updateId: 1,
        data: "q:yes",
        from: { id: 9, first_name: "Bot", is_bot: true },
        message: question,
      }),
    },
    response: /^\{"method":"answerCallbackQuery","callback_query_id":"1"\}$/,
  },
});

describe("a Telegram update", () => {
  it("names person and chat", () => {
    expect(parse(fixture("private"))).toEqual([
      {
        key: "829473601",
        place: { platform: "telegram", chat: "590210", kind: "direct" },
        sender: { id: "590210", name: "Ada Lovelace" },
        text: "What is on my list?",
        sentAt: 1_782_000_000_000,
        order: "000000000731",
      },
    ]);
  });

  it("in a topic is answered in that topic, and in a chain of replies is not", () => {
    expect(parse(fixture("topicMention"))[0]?.place).toMatchObject({
      chat: "-1001987",
      thread: "44",
      kind: "group",
      replyTo: "812",
    });
    const chain = {
      chat: group,
      message: { message_thread_id: 9, reply_to_message: { from: { id: botId, is_bot: true } } },
    };
    expect(
      parse(telegramDelivery({ secret, updateId: 3, text: "and now?", ...chain }))[0]?.place.thread,
    ).toBeUndefined();
  });

  it.each([
    ["photo", "[photo]\nWhat plant is this?"],
    ["voice", "[voice message, 12 s]"],
    ["document", "[file: invoice.pdf]"],
    ["sticker", "[sticker 🎉]"],
    ["location", "[location: 52.51, 13.37]"],
  ])("with a %s says so in words", (name, text) => {
    expect(parse(fixture(name))[0]?.text).toBe(text);
  });
});

it("keeps a name at the beginning of a direct message, and a command without its suffix", () => {
  const read = (text: string, entity: object) =>
    parse(telegramDelivery({ secret, updateId: 1, text, message: { entities: [entity] } }))[0]?.text;
  expect(read("@weatherbot is down", { type: "mention", offset: 0, length: 11 })).toBe("@weatherbot is down");
  expect(read("/start@talaria_bot x", { type: "bot_command", offset: 0, length: 18 })).toBe("/start x");
});

describe("a Telegram group", () => {
  const mention = (name: string) => ({ entities: [{ type: "mention", offset: 0, length: name.length }] });
  const said = (text: string, message: object, more = {}) =>
    parse(telegramDelivery({ secret, updateId: 1, text, chat: group, message }), more)[0]?.text;

  it("is left alone unless the bot is meant", () => {
    expect(said("lunch?", {})).toBeUndefined();
    expect(said("@ada lunch?", mention("@ada"))).toBeUndefined();
  });

  it("reaches the bot by a mention, which is taken off", () => {
    expect(said("@talaria_bot, what is this?", mention("@talaria_bot"))).toBe("what is this?");
  });

  it("reaches the bot by a reply to one of its messages, but not by a reply to another bot", () => {
    const replyTo = (id: number) => ({ reply_to_message: { from: { id, is_bot: true, first_name: "Bot" } } });
    expect(said("and tomorrow?", replyTo(botId))).toBe("and tomorrow?");
    expect(said("and tomorrow?", replyTo(botId + 1))).toBeUndefined();
  });

  it("reaches the bot by a command, whose suffix is taken off", () => {
    const command = (length: number) => ({ entities: [{ type: "bot_command", offset: 0, length }] });
    expect(said("/new", command(4))).toBe("/new");
    expect(said("/new@talaria_bot now", command(16))).toBe("/new now");
  });

  it("with several bots hears only its own name when TELEGRAM_BOT_USERNAME is set", () => {
    const named = { TELEGRAM_BOT_USERNAME: "@Talaria_Bot" };
    const command = { entities: [{ type: "bot_command", offset: 0, length: 14 }] };
    expect(said("@weatherbot rain?", mention("@weatherbot"), named)).toBeUndefined();
    expect(said("/new@weatherbot", { entities: [{ ...command.entities[0], length: 15 }] }, named)).toBeUndefined();
    expect(said("@talaria_bot rain?", mention("@talaria_bot"), named)).toBe("rain?");
  });
});

describe("sending to Telegram", () => {
  let server: FakeTelegram;
  let outbound: Outbound;
  beforeAll(async () => {
    server = await startFakeTelegram();
    outbound = await telegram.connect({ ...settings, TELEGRAM_API_ROOT: server.url }, connectOptions);
  });
  afterAll(() => server.close());

  it("answers in the topic and to the message, without link previews", async () => {
    await outbound.send({ ...place, chat: "-1001987", thread: "44", replyTo: "812" }, "<b>hi</b>", {
      idempotencyKey: "k",
    });
    expect(server.messages.at(-1)).toMatchObject({
      chat: "-1001987",
      thread: 44,
      replyTo: 812,
      text: "hi",
      tags: ["b"],
    });
    expect(server.calls.at(-1)?.text).toContain('"link_preview_options":{"is_disabled":true}');
  });

  it("sends plain text once when the HTML does not parse", async () => {
    const calls = server.calls.length;
    await outbound.send(place, "<b>a &lt; b</i>", { idempotencyKey: "k" });
    expect(server.messages.at(-1)).toMatchObject({ text: "a < b", tags: [] });
    expect(server.calls.length).toBe(calls + 2);
  });

  it("says which setting is wrong when the token is not accepted", async () => {
    const wrong = { ...settings, TELEGRAM_BOT_TOKEN: "4711:wrong", TELEGRAM_API_ROOT: server.url };
    const stranger = await telegram.connect(wrong, connectOptions);
    const error = await failureOf(stranger.send(place, "hi", { idempotencyKey: "k" }));
    expect(error).toMatchObject({ kind: "refused", code: "platform.unauthorized" });
    expect(error.message).toContain("TELEGRAM_BOT_TOKEN");
  });
});
