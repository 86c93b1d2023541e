import { Api, GrammyError } from "grammy/web";
import type { Settings } from "../core/base/settings.ts";
import { allowedUpdates } from "../core/platforms/telegram/updates.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

const timeoutSeconds = 20;

/** The Bot API of these settings. Its errors may quote the address, which holds the token: use `telegramTrouble`. */
export function telegramApi(settings: Settings): Api {
  const apiRoot = settings["TELEGRAM_API_ROOT"];
  return new Api(settings["TELEGRAM_BOT_TOKEN"] ?? "", { timeoutSeconds, ...(apiRoot && { apiRoot }) });
}

/** A failed call of the Bot API as a finding, without anything of the request. */
export function telegramTrouble(error: unknown, did: string): Finding {
  if (!(error instanceof GrammyError))
    return problem(`Telegram: ${did}: could not be reached`, "check the network, then again");
  if (error.error_code === 401 || error.error_code === 404)
    return problem("Telegram does not accept TELEGRAM_BOT_TOKEN", "copy it again from @BotFather");
  return problem(`Telegram: ${did}: ${error.description}`, "mend that, then again");
}

/** In an order of our own: Telegram's is not told. */
const namesOf = (updates: readonly string[] = []): string => updates.toSorted().join();

const webhookOf = (url: string) => `${url}/webhooks/telegram`;

/**
 * Tells Telegram to call us. It never says which secret it has, so this is said again even where all the rest is
 * right; what waits at Telegram is kept.
 */
export async function registerTelegram(url: string, settings: Settings): Promise<Finding> {
  const api = telegramApi(settings);
  try {
    const before = await api.getWebhookInfo();
    await api.setWebhook(webhookOf(url), {
      secret_token: settings["TELEGRAM_WEBHOOK_SECRET"] ?? "",
      allowed_updates: allowedUpdates,
    });
    const { username } = await api.getMe();
    const isSame = before.url === webhookOf(url) && namesOf(before.allowed_updates) === namesOf(allowedUpdates);
    return ok(`Telegram: @${username} ${isSame ? "already called" : "now calls"} ${webhookOf(url)}`);
  } catch (error) {
    return telegramTrouble(error, "the webhook was not registered");
  }
}

/** So that Telegram does not go on calling an address that is gone. What waits there is kept for the next one. */
export async function unregisterTelegram(settings: Settings): Promise<Finding> {
  try {
    await telegramApi(settings).deleteWebhook();
    return ok("Telegram: its webhook is deleted");
  } catch (error) {
    return telegramTrouble(error, "the webhook was not deleted");
  }
}

/** How the webhook fares, as Telegram sees it (https://core.telegram.org/bots/api#webhookinfo). */
export async function telegramWebhookFindings(url: string, settings: Settings): Promise<Finding[]> {
  try {
    const info = await telegramApi(settings).getWebhookInfo();
    if (info.url !== webhookOf(url))
      return [
        problem(`Telegram calls ${info.url ? "another address" : "nobody"}, not ${webhookOf(url)}`, "npm run deploy"),
      ];
    const waiting = info.pending_update_count;
    const registered = ok(`Telegram calls ${webhookOf(url)}${waiting > 0 ? `, ${waiting} updates wait` : ""}`);
    if (info.last_error_message === undefined) return [registered];
    const at = new Date((info.last_error_date ?? 0) * 1000).toISOString();
    const cure = "if it is recent: npm run deploy, then look into the log of the webhooks function";
    return [registered, warning(`Telegram's last failed delivery, ${at}: ${info.last_error_message}`, cure)];
  } catch (error) {
    return [telegramTrouble(error, "its webhook cannot be looked at")];
  }
}
