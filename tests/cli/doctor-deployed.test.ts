import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { telegramToken } from "../fakes/platform-telegram.ts";
import { startAgent, telegramWebhookSecret, type TestAgent } from "../support/agent.ts";
import { operator, outputsOf, startFakeSts } from "./support.ts";
import { startTelegramWebhooks } from "./telegram-webhooks.ts";

const webToken = "the-web-token-of-this-deployment";

/** In the place of the deployed one. One for the file: its functions are loaded once in a process. */
let agent: TestAgent;
beforeAll(async () => {
  agent = await startAgent(() => ({ text: "Ready." }), { settings: { TALARIA_WEB_TOKEN: webToken } });
});
afterAll(() => agent.close());

/** An operator whose folder has deployed the agent, as Telegram knows. */
async function deployed({ url = agent.cloud.url } = {}) {
  const sts = await startFakeSts();
  const telegram = await startTelegramWebhooks(agent.telegram);
  onTestFinished(async () => {
    await Promise.all([sts.close(), telegram.close()]);
  });
  telegram.webhook = { url: `${url}/webhooks/telegram`, allowed_updates: ["message"] };
  const person = operator('platforms: ["web", "telegram"], allowedUsers: ["telegram:42"], model: "openai/scripted"');
  mkdirSync(join(person.folder, ".sst"));
  writeFileSync(join(person.folder, ".sst", "outputs.json"), outputsOf(url));
  person.setSecrets({
    TalariaWebToken: webToken,
    OpenaiApiKey: "sk-of-the-deployment",
    TelegramBotToken: telegramToken,
    TelegramWebhookSecret: telegramWebhookSecret,
    TelegramApiRoot: telegram.url,
  });
  return { person, telegram, sts };
}

describe("npm run doctor on a deployment", () => {
  it("finds it well, and changes nothing", async () => {
    const { person, telegram, sts } = await deployed();
    sts.forOperator(person);
    const { code, printed } = await person.run("doctor", "--stage", "production");
    expect(printed).toContain(`✓ ${agent.cloud.url} answers`);
    expect(printed).toContain("✓ Telegram: the token is @talaria_bot's");
    expect(printed).toContain(`✓ Telegram calls ${agent.cloud.url}/webhooks/telegram`);
    expect(printed).toMatch(/✓ Self-test: a turn through the ingress/);
    expect(code).toBe(0);
    expect(printed).not.toMatch(/[!✗]/);
    expect(person.sstCalls().map(({ args }) => args.join(" "))).toEqual(["secret list --stage production"]);
    expect(telegram.calls.map(({ operation }) => operation).sort()).toEqual(["getMe", "getWebhookInfo"]);
    for (const secret of Object.values(person.secrets()).filter((value) => !value.startsWith("http")))
      expect(printed).not.toContain(secret);
  });

  it("tells that Telegram calls another address, and what it last complained of", async () => {
    const { person, telegram, sts } = await deployed();
    sts.forOperator(person);
    telegram.webhook = { url: "https://elsewhere/webhooks/telegram" };
    const moved = await person.run("doctor", "--stage", "production");
    expect(moved.code).toBe(1);
    expect(moved.printed).toMatch(/✗ Telegram calls another address, not .* → npm run deploy/);
    telegram.webhook = { url: `${agent.cloud.url}/webhooks/telegram` };
    telegram.lastError = "Wrong response from the webhook: 401 Unauthorized";
    const complained = await person.run("doctor", "--stage", "production");
    expect(complained.printed).toMatch(/! Telegram's last failed delivery, .*401 Unauthorized/);
  });

  it("names the secrets that are not set, and leaves making them to the deploy", async () => {
    const { person, sts } = await deployed();
    sts.forOperator(person);
    const { TelegramWebhookSecret: _, ...others } = person.secrets();
    person.setSecrets(others);
    const { code, printed } = await person.run("doctor", "--stage", "production");
    expect(code).toBe(1);
    expect(printed).toContain("✗ Secrets not set: TelegramWebhookSecret → npm run deploy makes them");
    expect(person.secrets()).toEqual(others);
  });

  it("asks at least the address when there are no credentials", async () => {
    const { person } = await deployed();
    const { code, printed } = await person.run("doctor", "--stage", "production");
    expect(code).toBe(1);
    expect(printed).toContain("✗ AWS credentials: none found");
    expect(printed).toContain(`✓ ${agent.cloud.url} answers`);
    expect(person.sstCalls()).toEqual([]);
  });

  it("finds an address at which nobody answers", async () => {
    const { person } = await deployed({ url: "http://127.0.0.1:9" });
    const { code, printed } = await person.run("doctor", "--stage", "production");
    expect(code).toBe(1);
    expect(printed).toContain("✗ http://127.0.0.1:9 does not answer");
  });

  it("does not know a stage that was not deployed from this folder", async () => {
    const { person } = await deployed();
    const { code, printed } = await person.run("doctor", "--stage", "dev");
    expect(code).toBe(1);
    expect(printed).toMatch(
      /✗ The last deploy from this folder was of another stage.* → npm run deploy -- --stage dev/,
    );
  });
});
