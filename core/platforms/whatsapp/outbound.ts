import * as z from "zod";
import { parseJson } from "../../base/json.ts";
import { refused, type TalariaError } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
import { failing, isPassing, postJson, rateLimited, retryAfterSeconds, type HttpAnswer } from "../kit/http.ts";
import { distinctLabels, endForButtons } from "../kit/buttons.ts";
import type { Button, Outbound } from "../platform.ts";

/** Of https://developers.facebook.com/docs/graph-api/changelog/versions: each lives for two years. */
const graphVersion = "v23.0";
const graphUrl = "https://graph.facebook.com";
const service = "WhatsApp";

export function connectWhatsApp(settings: Settings): Promise<Outbound> {
  const root = (settings["WHATSAPP_API_URL"] || graphUrl).replace(/\/+$/, "");
  const url = `${root}/${graphVersion}/${settings["WHATSAPP_PHONE_NUMBER_ID"]}/messages`;
  const headers = { authorization: `Bearer ${settings["WHATSAPP_ACCESS_TOKEN"]}` };
  const post = async (message: object): Promise<unknown> => {
    const body = JSON.stringify({ messaging_product: "whatsapp", ...message });
    const answer = await postJson(service, url, headers, body);
    if (answer.status >= 200 && answer.status < 300) return parseJson(answer.text);
    throw classify(answer);
  };
  return Promise.resolve({
    async send(place, rendered, { buttons = [] }) {
      const to = { recipient_type: "individual", ...recipient(place.chat) };
      const [text, question] = buttons.length === 0 ? [rendered, ""] : endForButtons(rendered, maxQuestionLength);
      const answers: unknown[] = [];
      if (text !== "") answers.push(await post({ ...to, ...asText(text) }));
      if (question !== "") answers.push(await post({ ...to, ...asQuestion(question, buttons) }));
      return { id: sentSchema.safeParse(answers.at(-1)).data?.messages[0]?.id ?? "" };
    },
    async typing({ replyTo }) {
      // The sign belongs to the message that is answered, and marks it as read.
      if (replyTo === undefined) return;
      await post({ status: "read", message_id: replyTo, typing_indicator: { type: "text" } });
    },
  });
}

const asText = (body: string) => ({ type: "text", text: { body, preview_url: false } });

/**
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages:
 * beside buttons there is room for a quarter of what a plain message holds.
 */
const maxQuestionLength = 1024;
const maxTitleLength = 20;

function asQuestion(text: string, buttons: readonly Button[]) {
  const titles = distinctLabels(buttons, maxTitleLength);
  const replies = buttons.map(({ payload }, index) => ({
    type: "reply",
    reply: { id: payload, title: titles[index] ?? "" },
  }));
  return { type: "interactive", interactive: { type: "button", body: { text }, action: { buttons: replies } } };
}

const sentSchema = z.object({ messages: z.array(z.object({ id: z.string() })) });

/** A business-scoped user id ("US.1349…") goes by another name than a phone number. */
const recipient = (chat: string) => (/^[A-Z]{2}\./.test(chat) ? { recipient: chat } : { to: chat });

const errorSchema = z.object({ error: z.object({ code: z.number(), message: z.string().default("") }) });

/** https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes */
const codes = {
  rateLimits: [4, 80007, 130429, 131048, 131056],
  passing: [1, 2, 131000, 131016, 131057, 133004],
  unauthorized: [0, 3, 10, 190],
  outsideWindow: 131047,
  undeliverable: 131026,
};

function classify({ status, headers, text }: HttpAnswer): TalariaError {
  const error = errorSchema.safeParse(parseJson(text)).data?.error;
  const code = error?.code ?? Number.NaN;
  if (status === 429 || codes.rateLimits.includes(code)) return rateLimited(service, retryAfterSeconds(headers));
  if (isPassing(status) || codes.passing.includes(code)) return failing(service, status);
  if (status === 401 || codes.unauthorized.includes(code)) {
    const message = `WhatsApp does not accept WHATSAPP_ACCESS_TOKEN (${code || status}): make a new one that may send messages.`;
    return refused(message, { code: "platform.unauthorized" });
  }
  if (code === codes.outsideWindow) {
    const message =
      "WhatsApp lets a business write freely only within 24 hours of a person's last message: the reply came too late. They have to write again.";
    return refused(message, { code: "whatsapp.outside-window" });
  }
  if (code === codes.undeliverable) {
    const message = "WhatsApp cannot deliver to this person: they may have left, blocked the number or an old version.";
    return refused(message, { code: "platform.blocked" });
  }
  return refused(`WhatsApp refused the message: ${error?.message || `HTTP ${status}`}.`, { code: "platform.refused" });
}
