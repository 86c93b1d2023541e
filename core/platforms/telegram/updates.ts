import * as z from "zod";
import type { Settings } from "../../base/settings.ts";
import type { Place } from "../../conversation/place.ts";
import { describedMedia, messages, messagesAnswered, nothing, optional, readJson } from "../kit/body.ts";
import type { Parsed, RawRequest, RawResponse } from "../platform.ts";
import {
  callbackQuerySchema,
  describeMedia,
  messageSchema,
  type CallbackQuery,
  type Entity,
  type TelegramMessage,
} from "./message.ts";

/** All that is read here: what Telegram is asked to send (`allowed_updates`). */
export const allowedUpdates = ["message", "callback_query"] as const;

/** An update holds one event; edits, reactions, channel posts and the like are not messages to the agent. */
const updateSchema = z.object({
  update_id: z.number(),
  message: messageSchema.optional(),
  callback_query: callbackQuerySchema.optional(),
});

export function parseUpdate(request: RawRequest, settings: Settings): Parsed {
  return readJson(request, updateSchema, ({ update_id, message, callback_query }) => {
    if (callback_query) return parsePress(callback_query, update_id);
    const from = message?.from;
    if (!message || !from || from.is_bot) return nothing;
    const text = addressedText(message, settings);
    if (text === undefined) return nothing;
    return messages({
      // The same update has the same id whether it is pushed or polled.
      key: String(update_id),
      place: placeOf(message),
      sender: senderOf(from),
      text,
      sentAt: message.date * 1000,
      order: orderOf(message),
    });
  });
}

/**
 * A press tells no time of its own: it counts as said with the message that it stands under, and after it. It says
 * everything else of its place too, but the topic of a message that is too old for Telegram to tell.
 */
function parsePress(query: CallbackQuery, updateId: number): Parsed {
  const { id, from, message, data } = query;
  // Whatever becomes of the press, the button must not go on looking busy: this reply to the webhook ends that.
  const response = answerTo(id);
  if (!message || !data || from.is_bot) return messagesAnswered(response);
  return messagesAnswered(response, {
    key: `press-${id}`,
    place: placeOf(message),
    sender: senderOf(from),
    text: labelOf(message, data),
    pressed: data,
    sentAt: message.date * 1000,
    order: `${orderOf(message)}-${String(updateId).padStart(12, "0")}`,
  });
}

/** https://core.telegram.org/bots/api#making-requests-when-getting-updates */
const answerTo = (callbackQueryId: string): RawResponse => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ method: "answerCallbackQuery", callback_query_id: callbackQueryId }),
});

const labelOf = ({ reply_markup }: TelegramMessage, payload: string): string =>
  reply_markup?.inline_keyboard.flat().find(({ callback_data }) => callback_data === payload)?.text ?? "";

const senderOf = ({ id, first_name, last_name }: CallbackQuery["from"]) => ({
  id: String(id),
  ...optional("name", `${first_name} ${last_name ?? ""}`.trim()),
});

const orderOf = ({ message_id }: TelegramMessage): string => String(message_id).padStart(12, "0");

function placeOf({ chat, message_id, message_thread_id, is_topic_message }: TelegramMessage): Place {
  const isDirect = chat.type === "private";
  return {
    platform: "telegram",
    chat: String(chat.id),
    // Outside topics the thread id names a chain of replies, to which nothing can be sent.
    ...optional("thread", is_topic_message ? message_thread_id?.toString() : undefined),
    kind: isDirect ? "direct" : "group",
    ...optional("replyTo", isDirect ? undefined : String(message_id)),
  };
}

/**
 * What the message says to the agent; undefined when it says nothing, or nothing to it. In a group only a mention, a
 * command and a reply to one of the bot's messages are meant for it.
 */
function addressedText(message: TelegramMessage, settings: Settings): string | undefined {
  const written = message.text ?? message.caption ?? "";
  const entities = message.text === undefined ? message.caption_entities : message.entities;
  const bot = identityOf(settings);
  const calls = entities.filter((entity) => isCall(entity, written, bot));
  if (isForAnotherBot(written, entities, bot)) return undefined;
  const isDirect = message.chat.type === "private";
  const isReply = message.reply_to_message?.from?.id === bot.id;
  if (!isDirect && calls.length === 0 && !isReply) return undefined;
  // In a direct chat a name at the beginning is talked about, not called.
  const spoken = withoutCall(written, isDirect ? calls.find(isCommand) : calls[0]);
  const media = message.text === undefined ? describeMedia(message) : undefined;
  if (media !== undefined) return describedMedia(media, spoken);
  return spoken || undefined;
}

interface Identity {
  id: number;
  username: string | undefined;
}

/** The number before the colon of a token is the bot's user id, so a reply to it is recognised without asking. */
const identityOf = (settings: Settings): Identity => ({
  id: Number.parseInt(settings["TELEGRAM_BOT_TOKEN"] ?? "", 10),
  username: settings["TELEGRAM_BOT_USERNAME"]?.replace(/^@/, "").toLowerCase() || undefined,
});

/** Without TELEGRAM_BOT_USERNAME any bot's name counts as ours: Telegram lets only bots have names that end in "bot". */
const isName = (name: string, bot: Identity): boolean =>
  bot.username === undefined ? /bot$/i.test(name) : name.toLowerCase() === bot.username;

const entityText = (written: string, { offset, length }: Entity): string => written.slice(offset, offset + length);

function isCall(entity: Entity, written: string, bot: Identity): boolean {
  if (entity.type === "mention") return isName(entityText(written, entity).slice(1), bot);
  if (entity.type === "text_mention") return entity.user?.id === bot.id;
  return isCommand(entity);
}

const isCommand = ({ type, offset }: Entity): boolean => type === "bot_command" && offset === 0;

/** "/new@other_bot" in a group with several bots. */
function isForAnotherBot(written: string, entities: readonly Entity[], bot: Identity): boolean {
  const command = entities.find(isCommand);
  const name = command && entityText(written, command).split("@")[1];
  return name !== undefined && !isName(name, bot);
}

/** "@bot what now" becomes "what now" and "/new@bot" becomes "/new"; a mention further on stays part of the sentence. */
function withoutCall(written: string, call: Entity | undefined): string {
  if (call?.offset !== 0) return written.trim();
  const rest = written.slice(call.length);
  const kept = call.type === "bot_command" ? entityText(written, call).replace(/@.*$/, "") : "";
  return `${kept}${kept ? rest : rest.replace(/^[\s,:]+/, "")}`.trim();
}
