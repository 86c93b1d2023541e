import type { Button } from "../../core/platforms/platform.ts";
import { startFakeServer, type Answer, type Call, type FakeServer } from "./platform-server.ts";
import { readTelegramHtml } from "./telegram-entities.ts";

/** A message that the bot sent, as its reader sees it. */
interface TelegramSent {
  id: number;
  chat: string;
  thread?: number;
  replyTo?: number;
  /** Visible text: entities parsed, edits applied. */
  text: string;
  tags: string[];
  /** Its keyboard, row after row; absent without one. */
  buttons?: Button[];
  edits: number;
}

export interface FakeTelegram extends FakeServer {
  token: string;
  messages: TelegramSent[];
  /** How often the bot showed that it types. */
  typings(): number;
  /** Ids of the presses that were answered, so that their buttons look busy no longer. */
  answeredPresses: string[];
  /** Hands an update to getUpdates, as to a polling bot. */
  push(update: object): void;
}

export const telegramToken = "4711:AAFakeTokenOfTheFakeBot";

type Fields = Record<string, unknown>;

/** The Bot API, as far as a bot of ours uses it: strict about what it is sent, in Telegram's own words. */
export async function startFakeTelegram({ token = telegramToken } = {}): Promise<FakeTelegram> {
  const messages: TelegramSent[] = [];
  const updates: Fields[] = [];
  const answeredPresses: string[] = [];
  const operations: Record<string, (fields: Fields) => unknown> = {
    getMe: () => ({ id: Number.parseInt(token, 10), is_bot: true, first_name: "Talaria", username: "talaria_bot" }),
    setWebhook: () => true,
    deleteWebhook: () => true,
    sendChatAction: (fields) => Boolean(required(fields, "chat_id") && required(fields, "action")),
    sendMessage: (fields) => sendMessage(messages, fields),
    editMessageText: (fields) => editMessage(messages, fields),
    getUpdates: (fields) => pendingUpdates(updates, fields),
    answerCallbackQuery: (fields) => answeredPresses.push(String(required(fields, "callback_query_id"))) > 0,
  };
  const server = await startFakeServer({
    operationOf: (_method, path) => path.split("/")[2] ?? "",
    answer: async (call) => {
      if (!call.path.startsWith(`/bot${token}/`)) return complaint(401, "Unauthorized");
      const operation = operations[call.operation];
      return operation
        ? await answered(() => operation(fieldsOf(call)))
        : complaint(404, "Not Found: method not found");
    },
  });
  const typings = () => server.calls.filter(({ operation }) => operation === "sendChatAction").length;
  return {
    ...server,
    token,
    messages,
    typings,
    answeredPresses,
    push: (update) => void updates.push(update as Fields),
  };
}

class BadRequest extends Error {}

async function answered(run: () => unknown): Promise<Answer> {
  try {
    return { status: 200, body: { ok: true, result: await run() } };
  } catch (error) {
    if (error instanceof BadRequest) return complaint(400, `Bad Request: ${error.message}`);
    throw error;
  }
}

const complaint = (status: number, description: string): Answer => ({
  status,
  body: { ok: false, error_code: status, description },
});

/** What Telegram answers to a bot that sends too much; for `failNext`. */
export const telegramFlood = (retryAfterSeconds: number): Answer => ({
  status: 429,
  body: {
    ok: false,
    error_code: 429,
    description: `Too Many Requests: retry after ${retryAfterSeconds}`,
    parameters: { retry_after: retryAfterSeconds },
  },
});

export const telegramBlocked: Answer = complaint(403, "Forbidden: bot was blocked by the user");

const fieldsOf = ({ text }: Call): Fields => (text ? (JSON.parse(text) as Fields) : {});

function required(fields: Fields, name: string): unknown {
  if (fields[name] === undefined || fields[name] === "") throw new BadRequest(`parameter "${name}" is required`);
  return fields[name];
}

function sendMessage(messages: TelegramSent[], fields: Fields) {
  const chat = String(required(fields, "chat_id"));
  const reply = fields["reply_parameters"] as { message_id: number } | undefined;
  const message: TelegramSent = {
    id: 1000 + messages.length,
    chat,
    ...(fields["message_thread_id"] !== undefined && { thread: Number(fields["message_thread_id"]) }),
    ...(reply && { replyTo: reply.message_id }),
    ...visible(fields),
    edits: 0,
  };
  messages.push(message);
  return asResult(message);
}

function editMessage(messages: TelegramSent[], fields: Fields) {
  const message = messages.find(({ id, chat }) => id === fields["message_id"] && chat === String(fields["chat_id"]));
  if (!message) throw new BadRequest("message to edit not found");
  const next = visible(fields);
  const isSame = JSON.stringify([next.text, next.tags, next.buttons]) === JSON.stringify(seen(message));
  if (isSame) {
    throw new BadRequest(
      "message is not modified: specified new message content and reply markup are exactly the same",
    );
  }
  // What is not said anew is gone: an edit without a keyboard takes the keyboard away.
  delete message.buttons;
  Object.assign(message, next, { edits: message.edits + 1 });
  return asResult(message);
}

const seen = ({ text, tags, buttons }: TelegramSent) => [text, tags, buttons];

/** https://core.telegram.org/bots/api#inlinekeyboardbutton */
function keyboardOf(fields: Fields): { buttons?: Button[] } {
  const markup = fields["reply_markup"] as { inline_keyboard?: Record<string, string>[][] } | undefined;
  if (markup === undefined) return {};
  const buttons = (markup.inline_keyboard ?? []).flat().map(({ text = "", callback_data = "" }) => {
    if (text.trim() === "") throw new BadRequest("inline keyboard button text must be non-empty");
    const bytes = Buffer.byteLength(callback_data);
    if (bytes < 1 || bytes > 64) throw new BadRequest("BUTTON_DATA_INVALID");
    return { label: text, payload: callback_data };
  });
  return buttons.length > 0 ? { buttons } : {};
}

function visible(fields: Fields): { text: string; tags: string[]; buttons?: Button[] } {
  if (typeof fields["text"] !== "string") throw new BadRequest("message text is empty");
  const { text, tags } = readText(fields["text"], fields["parse_mode"]);
  if (text.trim() === "") throw new BadRequest("message text is empty");
  if (text.trim().length > 4096) throw new BadRequest("message is too long");
  return { text: text.trim(), tags, ...keyboardOf(fields) };
}

function readText(text: string, mode: unknown) {
  if (mode !== "HTML") return { text, tags: [] };
  try {
    return readTelegramHtml(text);
  } catch (error) {
    throw new BadRequest(`can't parse entities: ${(error as Error).message}`);
  }
}

const asResult = ({ id, chat, text }: TelegramSent) => ({
  message_id: id,
  date: Math.floor(Date.now() / 1000),
  chat: { id: Number(chat), type: "private" },
  text,
});

/** Long polling: answers when there is an update, or empty after `timeout` seconds. */
async function pendingUpdates(updates: Fields[], fields: Fields): Promise<Fields[]> {
  const offset = Number(fields["offset"] ?? 0);
  const deadline = Date.now() + Number(fields["timeout"] ?? 0) * 1000;
  for (;;) {
    const pending = updates.filter((update) => Number(update["update_id"]) >= offset);
    if (pending.length > 0 || Date.now() >= deadline) return pending.slice(0, Number(fields["limit"] ?? 100));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface TelegramDelivery {
  secret: string;
  updateId: number;
  text?: string;
  chat?: { id: number; type: string };
  from?: { id: number; first_name: string; is_bot?: boolean };
  /** Equal to the update's id unless given. */
  messageId?: number;
  /** Seconds since 1970. */
  date?: number;
  /** Further members of the message: photo, entities, message_thread_id … */
  message?: object;
}

/** An update as Telegram posts it to a webhook. */
export function telegramDelivery(delivery: TelegramDelivery) {
  const { secret, updateId, text, messageId = updateId, date = Math.floor(Date.now() / 1000), message } = delivery;
  const from = { is_bot: false, ...(delivery.from ?? { id: 42, first_name: "Ada" }) };
  const chat = delivery.chat ?? { id: from.id, type: "private" };
  const update = { update_id: updateId, message: { message_id: messageId, date, chat, from, text, ...message } };
  return {
    method: "POST",
    path: "/webhooks/telegram",
    headers: { "content-type": "application/json", "x-telegram-bot-api-secret-token": secret },
    body: JSON.stringify(update),
  };
}
