/** Made-up values for every required setting; each can be found again wherever it should not be. */
import type { AgentConfig } from "../../../core/base/agent-config.ts";
import { linkedSettings, memberKinds } from "../../../stacks/linked-settings.ts";
import { telegramToken } from "../../fakes/platform-telegram.ts";

export const telegramWebhookSecret = "made-up-telegram-webhook-secret";

/** Values that have to fit a fake. */
const fitting: Record<string, string> = {
  TELEGRAM_BOT_TOKEN: telegramToken,
  TELEGRAM_WEBHOOK_SECRET: telegramWebhookSecret,
};

export const madeUpSecrets = (config: AgentConfig): Record<string, string> =>
  Object.fromEntries(
    linkedSettings(config, memberKinds)
      .filter(({ required }) => required)
      .map(({ name }) => [name, fitting[name] ?? `made-up-${name.toLowerCase().replaceAll("_", "-")}`]),
  );
