import type { Button } from "../../core/platforms/platform.ts";
import { telegramDelivery, telegramToken } from "./platform-telegram.ts";

interface TelegramPress {
  secret: string;
  updateId: number;
  /** Equal to the update's id unless given. */
  queryId?: string;
  /** Absent for a button that opens a game. */
  data?: string;
  from?: { id: number; first_name: string; is_bot?: boolean };
  /** The message with the keyboard; absent when it was sent inline. */
  message?: TelegramQuestion;
}

interface TelegramQuestion {
  id: number;
  chat: { id: number; type: string };
  buttons?: readonly Button[];
  /** Further members: message_thread_id … */
  more?: object;
}

/** An update with a pressed button, as Telegram posts it to a webhook. */
export function telegramPress({ secret, updateId, queryId = String(updateId), data, from, message }: TelegramPress) {
  const callback_query = {
    id: queryId,
    from: { is_bot: false, ...(from ?? { id: 42, first_name: "Ada" }) },
    ...(message && { message: questionMessage(message) }),
    chat_instance: "-3214567890123456789",
    ...(data !== undefined && { data }),
  };
  const { method, path, headers } = telegramDelivery({ secret, updateId });
  return { method, path, headers, body: JSON.stringify({ update_id: updateId, callback_query }) };
}

const questionMessage = ({ id, chat, buttons = [], more }: TelegramQuestion) => ({
  message_id: id,
  date: Math.floor(Date.now() / 1000) - 60,
  chat,
  from: { id: Number.parseInt(telegramToken, 10), is_bot: true, first_name: "Talaria", username: "talaria_bot" },
  text: "May I?",
  reply_markup: { inline_keyboard: buttons.map(({ label, payload }) => [{ text: label, callback_data: payload }]) },
  ...more,
});
