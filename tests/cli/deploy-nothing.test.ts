import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startFakeServer } from "../fakes/platform-server.ts";
import { operator } from "./support.ts";

/** Counts whoever comes: any place that a command without credentials could think of asking. */
async function startTrap() {
  const trap = await startFakeServer({
    operationOf: (_method, path) => path,
    answer: () => ({ status: 200, body: {} }),
  });
  onTestFinished(() => trap.close());
  return trap;
}

describe("npm run deploy with nothing configured", () => {
  it("says on one screen what is missing and how to get it, changes nothing and asks nobody", async () => {
    const trap = await startTrap();
    const person = operator();
    Object.assign(person.environment, {
      AWS_ENDPOINT_URL: trap.url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: trap.url,
      HTTPS_PROXY: trap.url,
    });
    const before = readdirSync(person.folder);
    const { code, printed, ms } = await person.run("deploy");
    expect(code).toBe(1);
    expect(printed).toMatch(/✗ AWS credentials: none found → run aws configure/);
    expect(printed).toContain("Nothing was changed");
    expect(printed.trim().split("\n").length).toBeLessThanOrEqual(24);
    expect(ms).toBeLessThan(5_000);
    expect(trap.calls).toEqual([]);
    expect(person.sstCalls()).toEqual([]);
    expect(readdirSync(person.folder)).toEqual(before);
    expect(readdirSync(join(person.folder, "home"))).toEqual([]);
  });

  it("names every secret that the platforms need, with the command that sets it", async () => {
    const person = operator('platforms: ["web", "telegram", "slack"], model: "openai/gpt-5.4-mini"');
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(1);
    for (const name of ["TelegramBotToken", "SlackBotToken", "SlackSigningSecret", "OpenaiApiKey"])
      expect(printed).toContain(`npx sst secret set ${name} … --stage production`);
    expect(printed).not.toMatch(/secret set (TelegramWebhookSecret|TalariaWebToken)/);
    expect(printed.trim().split("\n").length).toBeLessThanOrEqual(24);
  });

  it("names the profile that AWS_PROFILE asks for and that is not there", async () => {
    const person = operator();
    person.environment["AWS_PROFILE"] = "work";
    const { code, printed } = await person.run("deploy");
    expect(code).toBe(1);
    expect(printed).toMatch(/✗ AWS credentials: .*work/);
  });

  it("says the path of a mistake in agent.config.ts and what is allowed", async () => {
    const { code, printed } = await operator('limits: { maxSteps: 0 }, region: "Paris"').run("deploy");
    expect(code).toBe(1);
    expect(printed).toMatch(/agent\.config\.ts is not right/);
    expect(printed).toContain("limits.maxSteps");
    expect(printed).toContain("us-east-1");
  });

  it("knows the platforms and providers that exist", async () => {
    const { code, printed } = await operator('platforms: ["pigeon"], model: "oracle/delphi"').run("deploy");
    expect(code).toBe(1);
    expect(printed).toMatch(/platforms names “pigeon” → allowed: .*telegram/);
    expect(printed).toMatch(/model names the provider “oracle” → allowed: .*openai/);
  });

  it("refuses a stage that SST would not take, and an option it does not know", async () => {
    expect(await operator().run("deploy", "--stage", "my_stage")).toMatchObject({ code: 1 });
    const { code, printed } = await operator().run("deploy", "--force");
    expect(code).toBe(1);
    expect(printed).toContain("--force");
  });
});
