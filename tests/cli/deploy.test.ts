import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { telegramToken } from "../fakes/platform-telegram.ts";
import { startAgent, type TestAgent } from "../support/agent.ts";
import { operator, outputsOf, startFakeSts, type Operator } from "./support.ts";
import { startTelegramWebhooks } from "./telegram-webhooks.ts";

const webToken = "the-web-token-of-this-deployment";

/** In the place of the deployed one. One for the file: its functions are loaded once in a process. */
let agent: TestAgent;
beforeAll(async () => {
  agent = await startAgent(() => ({ text: "Ready." }), { settings: { TALARIA_WEB_TOKEN: webToken } });
});
afterAll(() => agent.close());

/** An operator who has what a deploy needs. */
async function deployment(config: string, dotEnv?: string) {
  const sts = await startFakeSts();
  onTestFinished(() => sts.close());
  const telegram = await startTelegramWebhooks(agent.telegram);
  onTestFinished(() => telegram.close());
  const person: Operator = operator(config, dotEnv);
  sts.forOperator(person);
  person.environment["FAKE_SST_OUTPUTS"] = outputsOf(agent.cloud.url);
  return { telegram, person };
}

const telegramSecrets = (url: string) => ({
  TalariaWebToken: webToken,
  OpenaiApiKey: "sk-openai-of-the-operator",
  TelegramBotToken: telegramToken,
  TelegramApiRoot: url,
});

describe("npm run deploy", () => {
  it("checks, deploys, registers Telegram, takes a turn through the ingress and says what it costs", async () => {
    const { telegram, person } = await deployment('platforms: ["web", "telegram"], allowedUsers: ["telegram:42"]');
    person.setSecrets(telegramSecrets(telegram.url));
    const { code, printed } = await person.run("deploy");
    expect(printed).toContain("✓ AWS account 123456789012 as arn:aws:iam::123456789012:user/operator");
    expect(printed).toContain("✓  Complete");
    expect(printed).toContain(`✓ Telegram: @talaria_bot now calls ${agent.cloud.url}/webhooks/telegram`);
    expect(printed).toMatch(/✓ Self-test: a turn through the ingress, “Say ready”, was answered after [\d.]+ s/);
    expect(printed).toMatch(/Idle: about \$0\.\d+ a month/);
    expect(printed).toMatch(/A turn of 1 \/ 3 \/ 10 steps: .*plus the model's tokens/);
    expect(code).toBe(0);
    const secret = person.secrets()["TelegramWebhookSecret"];
    expect(secret).toMatch(/^[\w-]{32}$/);
    expect(telegram.webhook).toEqual({
      url: `${agent.cloud.url}/webhooks/telegram`,
      secret_token: secret,
      allowed_updates: ["message", "callback_query"],
    });
    for (const value of [secret, webToken, telegramToken, "sk-openai-of-the-operator"])
      expect(printed).not.toContain(value);
  });

  it("changes nothing that is right when it is run again", async () => {
    const { telegram, person } = await deployment('platforms: ["web", "telegram"], allowedUsers: ["*"]');
    person.setSecrets(telegramSecrets(telegram.url));
    expect(await person.run("deploy")).toMatchObject({ code: 0 });
    const secrets = person.secrets();
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(0);
    expect(printed).toContain("@talaria_bot already called");
    expect(printed).not.toContain("Setting the secrets");
    expect(person.secrets()).toEqual(secrets);
    expect(telegram.webhook.secret_token).toBe(secrets["TelegramWebhookSecret"]);
    expect(person.sstCalls().filter(({ args }) => args[0] === "deploy")).toHaveLength(2);
  });

  it("ends with exit code 1 when the deployed agent does not answer", async () => {
    const { person } = await deployment('platforms: ["web"]');
    person.setSecrets({ TalariaWebToken: "not-the-token-of-the-agent" });
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(1);
    expect(printed).toMatch(/✗ Self-test: the message was not accepted: The token is not the one of this agent/);
  });

  it("prints Slack's manifest and what WhatsApp is to be told, by the secret's name", async () => {
    const { person } = await deployment('platforms: ["web", "slack", "whatsapp"], allowedUsers: ["*"]');
    person.setSecrets({
      TalariaWebToken: webToken,
      SlackBotToken: "xoxb-1",
      SlackSigningSecret: "signing",
      WhatsappAccessToken: "EAAG",
      WhatsappAppSecret: "app-secret",
      WhatsappPhoneNumberId: "1065",
    });
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(0);
    expect(printed).toContain(`"request_url": "${agent.cloud.url}/webhooks/slack"`);
    expect(printed).toContain(`Callback URL  ${agent.cloud.url}/webhooks/whatsapp`);
    expect(printed).toContain("the secret WhatsappVerifyToken");
    expect(printed).not.toContain(person.secrets()["WhatsappVerifyToken"]);
  });
});

describe("secrets of a deployment", () => {
  const dotEnv =
    "TELEGRAM_BOT_TOKEN=1:from-the-file\nOPENAI_API_KEY=sk-from-the-file\nTALARIA_ALLOWED_USERS=telegram:1\n";

  it("are offered from .env by name, and without anybody to agree nothing happens", async () => {
    const { person } = await deployment('platforms: ["web", "telegram"], model: "openai"', dotEnv);
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(1);
    expect(printed).toMatch(
      /✗ Found in \.env and not set in stage production: TelegramBotToken, OpenaiApiKey → .*--yes/,
    );
    expect(printed).toMatch(/! In \.env for npm start only: TALARIA_ALLOWED_USERS → .*allowedUsers/);
    expect(printed).not.toContain("from-the-file");
    expect(person.secrets()).toEqual({});
    expect(person.sstCalls().map(({ args }) => args.join(" "))).toEqual(["secret list --stage production"]);
  });

  it("that the shell would refuse to start with stop the deploy", async () => {
    const { person } = await deployment('platforms: ["web"], shell: "ecs"');
    person.setSecrets({ TalariaWebToken: webToken, TalariaShellNetwork: "pypi.org" });
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(1);
    expect(printed).toMatch(/✗ Shell: The shell “ecs” cannot keep TALARIA_SHELL_NETWORK=pypi\.org: .* → correct it/);
  });

  it("of .env that nothing needs are left out without anybody to agree, and the deploy goes on", async () => {
    const { person } = await deployment('platforms: ["web"]', "OPENAI_API_KEY=sk-from-the-file\n");
    person.setSecrets({ TalariaWebToken: webToken });
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(0);
    expect(printed).toMatch(/! Found in \.env and not set in stage production: OpenaiApiKey → .*--yes/);
    expect(printed).toMatch(/! Model bedrock\//);
    expect(person.secrets()).toEqual({ TalariaWebToken: webToken });
  });

  it("are set from .env with --yes, to the letter and without a value among the arguments", async () => {
    const { telegram, person } = await deployment(
      'platforms: ["web", "telegram"], model: "openai", allowedUsers: ["*"]',
    );
    const token = telegramToken;
    writeFileSync(
      join(person.folder, ".env"),
      `TELEGRAM_BOT_TOKEN=${token}\nTELEGRAM_API_ROOT=${telegram.url}\nOPENAI_API_KEY="sk-#\\$'=xy"\nTALARIA_WEB_TOKEN=${webToken}\n`,
    );
    const { code, printed } = await person.run("deploy", "--yes");
    expect(printed).toContain(
      "Setting the secrets TelegramWebhookSecret, TalariaWebToken, TelegramBotToken, TelegramApiRoot, OpenaiApiKey",
    );
    expect(code).toBe(0);
    expect(person.secrets()).toMatchObject({ TelegramBotToken: token, OpenaiApiKey: "sk-#\\$'=xy" });
    expect(printed).not.toContain(token);
    expect(readFileSync(join(person.folder, "sst", "calls.jsonl"), "utf8")).not.toContain(token);
  });

  it("are missing: each is a line with its cure, and nothing is deployed", async () => {
    const { person } = await deployment('platforms: ["web", "telegram"]');
    const { code, printed } = await person.run("deploy", "--stage", "dev");
    expect(code).toBe(1);
    expect(printed).toMatch(/✗ Secret of telegram is not set → npx sst secret set TelegramBotToken … --stage dev/);
    expect(person.sstCalls().map(({ args }) => args[0])).toEqual(["secret"]);
  });

  it("that cannot be read are said so in SST's own words", async () => {
    const { person } = await deployment('platforms: ["web"]');
    person.environment["FAKE_SST_FAILS"] = "secret";
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(1);
    expect(printed).toMatch(/✗ Secrets cannot be read: sst secret list failed: AccessDenied/);
  });
});

describe("what AWS and SST refuse", () => {
  it("names the reason when AWS does not take the credentials", async () => {
    const { person } = await deployment('platforms: ["web"]');
    person.environment["AWS_ACCESS_KEY_ID"] = "AKIAREVOKED";
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(1);
    expect(printed).toContain("✗ AWS credentials: AWS refuses them (InvalidClientTokenId)");
    expect(person.sstCalls()).toEqual([]);
  });

  it("ends where sst deploy fails, before any platform is told of an address", async () => {
    const { telegram, person } = await deployment('platforms: ["web", "telegram"], allowedUsers: ["*"]');
    person.setSecrets(telegramSecrets(telegram.url));
    person.environment["FAKE_SST_FAILS"] = "deploy";
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(1);
    expect(printed).toContain("sst deploy failed");
    expect(telegram.calls).toEqual([]);
  });

  it("does not take the outputs of another stage for its own", async () => {
    const { person } = await deployment('platforms: ["web"]');
    person.environment["FAKE_SST_OUTPUTS"] = outputsOf(agent.cloud.url, "dev");
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(1);
    expect(printed).toContain("does not name the address of this stage");
  });
});
