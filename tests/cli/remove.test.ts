import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startFakeTelegram, telegramToken } from "../fakes/platform-telegram.ts";
import { operator, outputsOf, startFakeSts, type Operator } from "./support.ts";
import { startTelegramWebhooks } from "./telegram-webhooks.ts";

async function deployed(config = 'platforms: ["web"]'): Promise<Operator> {
  const sts = await startFakeSts();
  onTestFinished(() => sts.close());
  const person = operator(config);
  sts.forOperator(person);
  return person;
}

const commands = (person: Operator) => person.sstCalls().map(({ args }) => args.join(" "));

describe("npm run remove", () => {
  it("says what goes and what stays, and does nothing when nobody is there to confirm", async () => {
    const person = await deployed();
    const { code, printed } = await person.run("remove");
    expect(code).toBe(1);
    expect(printed).toContain("Removing talaria-production from AWS account 123456789012 (us-east-1)");
    expect(printed).toMatch(/Goes: .*functions/);
    expect(printed).toMatch(/Stays: the table and the bucket/);
    expect(printed).toContain("npm run remove -- --yes talaria-production");
    expect(person.sstCalls()).toEqual([]);
  });

  it("wants the deployment's own name, not another one", async () => {
    const person = await deployed();
    const { code, printed } = await person.run("remove", "--yes", "talaria-dev");
    expect(code).toBe(1);
    expect(printed).toContain("“talaria-dev” is not talaria-production");
    expect(person.sstCalls()).toEqual([]);
  });

  it("hands the confirmation on, by which the protection of production is lifted", async () => {
    const person = await deployed();
    mkdirSync(join(person.folder, ".sst"));
    writeFileSync(join(person.folder, ".sst", "outputs.json"), outputsOf("https://gone"));
    expect(await person.run("remove", "--yes", "talaria-production")).toMatchObject({ code: 0 });
    expect(existsSync(join(person.folder, ".sst", "outputs.json"))).toBe(false);
    expect(person.sstCalls()).toEqual([{ args: ["remove", "--stage", "production"], remove: "talaria-production" }]);
  });

  it("says that another stage takes its data along", async () => {
    const person = await deployed();
    const { code, printed } = await person.run("remove", "--stage", "dev", "--yes", "talaria-dev");
    expect(code).toBe(0);
    expect(printed).toMatch(/Goes: .*the table and the bucket with everything that was said/);
    expect(printed).not.toMatch(/Stays: the table/);
  });

  it("tells Telegram first that nobody is at the address any more", async () => {
    const telegram = await startFakeTelegram();
    const webhooks = await startTelegramWebhooks(telegram);
    onTestFinished(async () => {
      await Promise.all([webhooks.close(), telegram.close()]);
    });
    webhooks.webhook = { url: "https://gone/webhooks/telegram" };
    const person = await deployed('platforms: ["telegram"]');
    person.setSecrets({ TelegramBotToken: telegramToken, TelegramApiRoot: webhooks.url });
    const { code, printed } = await person.run("remove", "--yes", "talaria-production");
    expect(code).toBe(0);
    expect(printed).toMatch(/Telegram: its webhook is deleted[\s\S]*✓ {2}Removed/);
    expect(webhooks.webhook.url).toBe("");
    expect(commands(person)).toEqual(["secret list --stage production", "remove --stage production"]);
  });

  it("without credentials changes nothing", async () => {
    const person = operator('platforms: ["telegram"]');
    const { code, printed } = await person.run("remove", "--yes", "talaria-production");
    expect(code).toBe(1);
    expect(printed).toMatch(/✗ AWS credentials: none found[\s\S]*Nothing was changed/);
    expect(person.sstCalls()).toEqual([]);
  });

  it("ends with exit code 1 when SST could not remove it", async () => {
    const person = await deployed();
    person.environment["FAKE_SST_FAILS"] = "remove";
    const { code, printed } = await person.run("remove", "--yes", "talaria-production");
    expect(code).toBe(1);
    expect(printed).toContain("sst remove failed");
  });
});
