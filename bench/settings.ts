import { telegramToken } from "../tests/fakes/platform-telegram.ts";

export const telegramWebhookSecret = "a-webhook-secret";

/** The settings of an agent whose model and platform are the outside's. */
export const agentSettings = (addresses: { model: string; telegram: string }): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  OPENAI_BASE_URL: addresses.model,
  TALARIA_MODEL: "openai/scripted",
  TALARIA_ALLOWED_USERS: "*",
  // A review asks the same scripted model; `bench learn` measures it.
  TALARIA_REVIEW: "off",
  // Given, so that `npm start` polls nothing.
  TALARIA_PUBLIC_URL: "https://talaria.example",
  TELEGRAM_BOT_TOKEN: telegramToken,
  TELEGRAM_WEBHOOK_SECRET: telegramWebhookSecret,
  TELEGRAM_API_ROOT: addresses.telegram,
});
