import { renderTelegramHtml, telegramLength } from "../gateway/render/telegram-html.ts";
import type { Settings } from "../base/settings.ts";
import { accepted, isEqualSecret, rejected } from "./kit/signature.ts";
import { definePlatform, type RawRequest, type Verdict, type PlatformLimits } from "./platform.ts";
import { connectTelegram } from "./telegram/outbound.ts";
import { parseUpdate } from "./telegram/updates.ts";

/**
 * https://core.telegram.org/bots/api#sendmessage: 1-4096 characters after entities parsing. Buttons stand one to a row,
 * so that a label has the width of the message: eight still fit a phone.
 */
const limits: PlatformLimits = {
  maxLength: 4096,
  unit: "utf16",
  measure: telegramLength,
  maxButtons: 8,
  minEditIntervalMs: 800,
  minGroupEditIntervalMs: 3000,
  typingMs: 5000,
};

export const telegram = definePlatform({
  name: "telegram",
  settings: [
    {
      name: "TELEGRAM_BOT_TOKEN",
      required: true,
      secret: true,
      help: "The bot's token, as @BotFather gives it (123456:ABC…)",
    },
    {
      name: "TELEGRAM_WEBHOOK_SECRET",
      required: true,
      secret: true,
      help: "Any random text of letters, digits, _ and -: Telegram sends it with every update (setWebhook's secret_token)",
    },
    {
      name: "TELEGRAM_BOT_USERNAME",
      required: false,
      secret: false,
      help: "The bot's @username: needed where several bots share a group, so that a mention of another one is not answered",
    },
    {
      name: "TELEGRAM_API_ROOT",
      required: false,
      secret: false,
      help: "Another Bot API server than https://api.telegram.org",
    },
  ],
  limits,
  promptHint:
    "The reply is shown in Telegram: Markdown with bold, italic, code, links, lists and quotes works; tables become monospaced text. Keep it short enough for a phone.",
  idempotency: "none",
  // It has the id of its user, who must have opened it once: https://core.telegram.org/api/bots/ids
  directChatOf: (personId) => ({ platform: "telegram", chat: personId, kind: "direct" }),
  verify,
  parse: parseUpdate,
  render: renderTelegramHtml,
  connect: connectTelegram,
});

/** Telegram signs nothing: it sends back the secret it was given with setWebhook. */
function verify({ headers }: RawRequest, settings: Settings): Verdict {
  const secret = settings["TELEGRAM_WEBHOOK_SECRET"];
  if (!secret) return rejected("TELEGRAM_WEBHOOK_SECRET is not set.");
  const given = headers["x-telegram-bot-api-secret-token"];
  if (given === undefined) return rejected("X-Telegram-Bot-Api-Secret-Token is missing.");
  return isEqualSecret(given, secret) ? accepted : rejected("X-Telegram-Bot-Api-Secret-Token does not match.");
}
