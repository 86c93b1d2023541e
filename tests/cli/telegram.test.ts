import { describe, expect, it, onTestFinished } from "vitest";
import { registerTelegram, telegramWebhookFindings, unregisterTelegram } from "../../cli/telegram.ts";
import { startFakeTelegram, telegramToken } from "../fakes/platform-telegram.ts";
import { startTelegramWebhooks } from "./telegram-webhooks.ts";

const url = "https://abc.lambda-url.us-east-1.on.aws";

async function start() {
  const telegram = await startFakeTelegram();
  const webhooks = await startTelegramWebhooks(telegram);
  onTestFinished(async () => {
    await Promise.all([webhooks.close(), telegram.close()]);
  });
  const settings = {
    TELEGRAM_BOT_TOKEN: telegramToken,
    TELEGRAM_WEBHOOK_SECRET: "s3cret",
    TELEGRAM_API_ROOT: webhooks.url,
  };
  return { webhooks, settings };
}

describe("registering at Telegram", () => {
  it("gives the address, the secret and the updates that are read, and drops nothing that waits", async () => {
    const { webhooks, settings } = await start();
    expect(await registerTelegram(url, settings)).toMatchObject({
      level: "ok",
      text: expect.stringContaining("now calls") as string,
    });
    expect(webhooks.webhook).toEqual({
      url: `${url}/webhooks/telegram`,
      secret_token: "s3cret",
      allowed_updates: ["message", "callback_query"],
    });
  });

  it("says that it was right, and sends the secret again since Telegram does not tell which one it has", async () => {
    const { webhooks, settings } = await start();
    await registerTelegram(url, settings);
    const again = await registerTelegram(url, { ...settings, TELEGRAM_WEBHOOK_SECRET: "rotated" });
    expect(again).toMatchObject({ level: "ok", text: expect.stringContaining("already called") as string });
    expect(webhooks.webhook.secret_token).toBe("rotated");
  });

  it("is a problem with its cure when the token is wrong or Telegram is away, and never quotes the token", async () => {
    const { webhooks, settings } = await start();
    const wrong = await registerTelegram(url, { ...settings, TELEGRAM_BOT_TOKEN: "4711:wrong" });
    expect(wrong).toMatchObject({ level: "problem", cure: expect.stringContaining("@BotFather") as string });
    webhooks.failNext({ how: "cut" });
    const away = await registerTelegram(url, settings);
    expect(away).toMatchObject({ level: "problem", text: expect.stringContaining("could not be reached") as string });
    expect(JSON.stringify([wrong, away])).not.toMatch(/4711/);
  });

  it("is taken back without dropping what waits", async () => {
    const { webhooks, settings } = await start();
    await registerTelegram(url, settings);
    expect(await unregisterTelegram(settings)).toMatchObject({ level: "ok" });
    expect(webhooks.webhook.url).toBe("");
    const call = webhooks.calls.find(({ operation }) => operation === "deleteWebhook");
    expect(call?.text).not.toContain("drop_pending_updates");
  });
});

describe("looking at Telegram's webhook", () => {
  it("tells another address from ours", async () => {
    const { settings } = await start();
    expect(await telegramWebhookFindings(url, settings)).toMatchObject([{ level: "problem", cure: "npm run deploy" }]);
  });

  it("tells the last error that Telegram met", async () => {
    const { webhooks, settings } = await start();
    await registerTelegram(url, settings);
    expect(await telegramWebhookFindings(url, settings)).toMatchObject([{ level: "ok" }]);
    webhooks.lastError = "Wrong response from the webhook: 401 Unauthorized";
    const findings = await telegramWebhookFindings(url, settings);
    expect(findings).toMatchObject([
      { level: "ok" },
      { level: "warning", text: expect.stringContaining("401 Unauthorized") as string },
    ]);
  });
});
