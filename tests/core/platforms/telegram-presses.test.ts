import { Bot } from "grammy/web";
import type { Update, UserFromGetMe } from "grammy/types";
import { describe, expect, it } from "vitest";
import { telegram } from "../../../core/platforms/telegram.ts";
import { messagesOf, rawRequest } from "../../contracts/platform-case.ts";
import { telegramToken } from "../../fakes/platform-telegram.ts";
import { telegramPress } from "../../fakes/platform-telegram-press.ts";

const secret = "a-webhook-secret_1";
const settings = { TELEGRAM_BOT_TOKEN: telegramToken, TELEGRAM_WEBHOOK_SECRET: secret };
const botId = Number.parseInt(telegramToken, 10);
const group = { id: -100200, type: "supergroup" };
const question = { id: 900, chat: { id: 42, type: "private" } };

describe("a press of a Telegram button", () => {
  const press = (more: object, data = "q:yes") =>
    telegram.parse(
      rawRequest(
        telegramPress({ secret, updateId: 7, queryId: "4382bfdwdsb323b2d9", data, message: { ...question, ...more } }),
      ),
      settings,
    );

  it("ends the busy look of its button whatever becomes of it", () => {
    const parsed = telegram.parse(rawRequest(telegramPress({ secret, updateId: 7, queryId: "77" })), settings);
    expect(parsed).toMatchObject({ kind: "messages", messages: [], response: { status: 200 } });
    expect(JSON.stringify(parsed)).toContain('\\"callback_query_id\\":\\"77\\"');
  });

  it("in a topic belongs to that topic, and names who pressed", () => {
    const chat = { id: -1001987, type: "supergroup" };
    const [message] = messagesOf(press({ chat, more: { message_thread_id: 44, is_topic_message: true } }));
    expect(message).toMatchObject({
      key: "press-4382bfdwdsb323b2d9",
      place: { chat: "-1001987", thread: "44", kind: "group", replyTo: "900" },
      sender: { id: "42", name: "Ada" },
    });
  });

  it("comes after its question, and two of them in their order", () => {
    const orders = [7, 8].map((updateId) => {
      const delivery = telegramPress({ secret, updateId, data: "q:yes", message: question });
      return messagesOf(telegram.parse(rawRequest(delivery), settings))[0];
    });
    const [first, second] = orders;
    expect((first?.order ?? "") > "000000000900" && (second?.order ?? "") > (first?.order ?? "")).toBe(true);
    expect((first?.order ?? "") < "000000000901").toBe(true);
  });

  it("under a message that Telegram does not show any more is still read", () => {
    const [message] = messagesOf(press({ more: { date: 0, text: undefined, reply_markup: undefined } }));
    expect(message).toMatchObject({ pressed: "q:yes", text: "", place: { chat: "42", kind: "direct" } });
  });
});

describe("grammY and this adapter", () => {
  it("read the same of a press", async () => {
    const delivery = telegramPress({
      secret,
      updateId: 12,
      queryId: "55",
      data: "q:no",
      message: {
        id: 31,
        chat: group,
        buttons: [{ label: "No", payload: "q:no" }],
        more: { message_thread_id: 4, is_topic_message: true },
      },
    });
    const [message] = messagesOf(telegram.parse(rawRequest(delivery), settings));
    const bot = new Bot(telegramToken, {
      botInfo: { id: botId, is_bot: true, first_name: "T", username: "t_bot" } as UserFromGetMe,
    });
    let seen: object | undefined;
    bot.callbackQuery("q:no", (context) => {
      seen = {
        pressed: context.callbackQuery.data,
        sender: { id: String(context.from.id), name: context.from.first_name },
        place: {
          platform: "telegram",
          chat: String(context.chat?.id),
          thread: String(context.msg?.message_thread_id),
          kind: "group",
          replyTo: String(context.msg?.message_id),
        },
      };
    });
    await bot.handleUpdate(JSON.parse(delivery.body) as Update);
    expect(message).toMatchObject(seen ?? { nothing: "seen" });
  });
});
