import type { FakeTelegram } from "../fakes/platform-telegram.ts";
import { startFakeServer, type Answer, type FakeServer } from "../fakes/platform-server.ts";

interface Webhook {
  url: string;
  secret_token?: string;
  allowed_updates?: string[];
  drop_pending_updates?: boolean;
}

export interface TelegramWebhooks extends FakeServer {
  webhook: Webhook;
  /** What Telegram says of its last failed delivery. */
  lastError?: string;
}

const result = (value: unknown): Answer => ({ status: 200, body: { ok: true, result: value } });

/** The fake Bot API with the part that remembers a webhook (https://core.telegram.org/bots/api#getwebhookinfo). */
export async function startTelegramWebhooks(telegram: FakeTelegram): Promise<TelegramWebhooks> {
  const server = await startFakeServer({
    operationOf: (_method, path) => path.split("/")[2] ?? "",
    answer: async ({ operation, path, text }) => {
      const isOurs = path.startsWith(`/bot${telegram.token}/`);
      if (isOurs && operation === "getWebhookInfo") return result(infoOf(fake));
      if (isOurs && operation === "setWebhook") fake.webhook = JSON.parse(text) as Webhook;
      if (isOurs && operation === "deleteWebhook") fake.webhook = { url: "" };
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${telegram.url}${path}`, { method: "POST", headers, ...(text && { body: text }) });
      return { status: answer.status, body: await answer.text() };
    },
  });
  const fake: TelegramWebhooks = { ...server, webhook: { url: "" } };
  return fake;
}

/** Telegram never tells the secret. */
const infoOf = ({ webhook, lastError }: TelegramWebhooks) => ({
  url: webhook.url,
  has_custom_certificate: false,
  pending_update_count: 0,
  ...(webhook.allowed_updates && { allowed_updates: webhook.allowed_updates }),
  ...(lastError && { last_error_date: 1_790_000_000, last_error_message: lastError }),
});
