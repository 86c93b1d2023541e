import type { Api, GrammyError } from "grammy/web";
import { refused, TalariaError } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
import type { Place } from "../../conversation/place.ts";
import { plainFromTelegramHtml } from "../../gateway/render/telegram-html.ts";
import { failing, rateLimited, unreachable } from "../kit/http.ts";
import type { Button, Outbound } from "../platform.ts";

/** The library waits 500 s by default; a function must not be billed for that. */
const timeoutSeconds = 20;

const service = "Telegram";

/** Two complaints that are handled here and reach no caller. */
const unparsable = "telegram.unparsable";
const unmodified = "telegram.unmodified";

/** Runs one call and throws its failure as a TalariaError. */
type Call = <T>(run: () => Promise<T>) => Promise<T>;

export async function connectTelegram(settings: Settings): Promise<Outbound> {
  const { Api, GrammyError, HttpError } = await import("grammy/web");
  const apiRoot = settings["TELEGRAM_API_ROOT"];
  const api = new Api(settings["TELEGRAM_BOT_TOKEN"] ?? "", { timeoutSeconds, ...(apiRoot && { apiRoot }) });
  return outbound(api, async (run) => {
    try {
      return await run();
    } catch (error) {
      if (error instanceof GrammyError) throw classify(error);
      throw error instanceof HttpError ? unreachable(service) : error;
    }
  });
}

function outbound(api: Api, call: Call): Outbound {
  return {
    async send(place, rendered, { buttons = [] }) {
      const options = { ...inThread(place), ...asReply(place), ...plainLinks, ...keyboard(buttons) };
      const sent = await formatted(rendered, (text, mode) =>
        call(() => api.sendMessage(place.chat, text, { ...mode, ...options })),
      );
      return { id: String(sent.message_id) };
    },
    async edit(place, id, rendered) {
      // Without a keyboard of its own, an edit takes the message's keyboard away.
      try {
        await formatted(rendered, (text, mode) =>
          call(() => api.editMessageText(place.chat, Number(id), text, { ...mode, ...plainLinks })),
        );
      } catch (error) {
        if (!hasCode(error, unmodified)) throw error;
      }
    },
    async typing(place) {
      await call(() => api.sendChatAction(place.chat, "typing", inThread(place)));
    },
  };
}

/** Our HTML should always parse; if Telegram says that it does not, the text matters more than its looks. */
async function formatted<T>(
  html: string,
  run: (text: string, mode: { parse_mode?: "HTML" }) => Promise<T>,
): Promise<T> {
  try {
    return await run(html, { parse_mode: "HTML" });
  } catch (error) {
    if (!hasCode(error, unparsable)) throw error;
    return await run(plainFromTelegramHtml(html), {});
  }
}

const hasCode = (error: unknown, code: string): boolean => error instanceof TalariaError && error.code === code;

const plainLinks = { link_preview_options: { is_disabled: true } };

const inThread = (place: Place) => (place.thread === undefined ? {} : { message_thread_id: Number(place.thread) });

/** https://core.telegram.org/bots/api#inlinekeyboardbutton: callback_data has 1-64 bytes. */
const keyboard = (buttons: readonly Button[]) =>
  buttons.length === 0
    ? {}
    : {
        reply_markup: {
          inline_keyboard: buttons.map(({ label, payload }) => [{ text: label, callback_data: payload }]),
        },
      };

const asReply = (place: Place) =>
  place.replyTo === undefined
    ? {}
    : { reply_parameters: { message_id: Number(place.replyTo), allow_sending_without_reply: true } };

/** https://core.telegram.org/bots/api#making-requests. An error's payload holds the message: it is never kept as a cause. */
function classify({ error_code: status, description, parameters }: GrammyError): TalariaError {
  if (status === 429) return rateLimited(service, parameters.retry_after);
  if (status >= 500) return failing(service, status);
  if (status === 401 || status === 404) {
    const message = "Telegram does not accept TELEGRAM_BOT_TOKEN: copy it again from @BotFather.";
    return refused(message, { code: "platform.unauthorized" });
  }
  if (status === 403) {
    return refused(`Telegram does not let the bot write there: ${description}.`, { code: "platform.blocked" });
  }
  return refused(`Telegram refused the message: ${description}.`, { code: complaintCode(description) });
}

function complaintCode(description: string): string {
  if (/can't parse entities/i.test(description)) return unparsable;
  return /message is not modified/i.test(description) ? unmodified : "platform.refused";
}
