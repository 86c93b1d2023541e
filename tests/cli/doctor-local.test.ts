import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { startModelServer } from "../fakes/model-server.ts";
import { slackToken, startFakeSlack } from "../fakes/platform-slack.ts";
import { startFakeTelegram, telegramToken } from "../fakes/platform-telegram.ts";
import { operator, type Operator } from "./support.ts";

const main = new URL("../../local/main.ts", import.meta.url).pathname;

/** Starts the agent as `npm start` does, in the operator's folder; its port is the environment's from then on. */
async function startHere(person: Operator): Promise<void> {
  const child = spawn(process.execPath, [main], {
    cwd: person.folder,
    env: { ...person.environment, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const chunk of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(chunk)?.[1];
    if (port === undefined) continue;
    person.environment["PORT"] = port;
    break;
  }
  child.stdout.resume();
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return String(port);
}

describe("npm run doctor on a machine", () => {
  it("finds the running agent well, after a turn through it", async () => {
    const person = operator();
    await startHere(person);
    const { code, printed } = await person.run("doctor");
    expect(printed).toMatch(/✓ Node 2[4-9]\./);
    expect(printed).toMatch(/[✓!] Shell: bubblewrap/);
    expect(printed).toContain(`✓ An agent runs at http://127.0.0.1:${person.environment["PORT"]}`);
    expect(printed).toMatch(/✓ Self-test: a turn through the ingress/);
    expect(printed).toMatch(/! Model: the practice model answers, .* → set OPENAI_API_KEY/);
    expect(printed).toContain("Deployment talaria-production: none from this folder.");
    expect(code).toBe(0);
  });

  it("says that nothing runs where nothing runs, which is no problem", async () => {
    const person = operator();
    person.environment["PORT"] = await freePort();
    const { code, printed } = await person.run("doctor");
    expect(code).toBe(0);
    expect(printed).toMatch(/✓ Port \d+ is free; nothing runs \(npm start\)/);
  });

  it("finds another program on the port", async () => {
    const person = operator();
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((done) => server.once("listening", done));
    person.environment["PORT"] = String((server.address() as AddressInfo).port);
    const { code, printed } = await person.run("doctor");
    expect(code).toBe(1);
    expect(printed).toMatch(/✗ Port \d+ is in use, .* → name another PORT/);
  });

  it("finds a network rule that the shell would refuse to start with", async () => {
    const dotEnv = `TALARIA_SHELL=docker\nTALARIA_SHELL_NETWORK=pypi.org\nPORT=${await freePort()}`;
    const { code, printed } = await operator("", dotEnv).run("doctor");
    expect(code).toBe(1);
    expect(printed).toMatch(
      /✗ Shell: The shell “docker” cannot keep TALARIA_SHELL_NETWORK=pypi\.org: .* → correct \.env/,
    );
  });

  it("warns of a shell that keeps nobody from the files of others, where everybody is let in", async () => {
    const dotEnv = `TALARIA_SHELL=ssh\nTALARIA_SSH_USER=agent\nTALARIA_ALLOWED_USERS=*\nPORT=${await freePort()}`;
    const { code, printed } = await operator("", dotEnv).run("doctor");
    expect(printed).toMatch(/! Shell: everybody whom allowedUsers lets in is agent there: .* → let in only who may/);
    expect(code).toBe(0);
  });

  it("tries every token by a harmless call, and never prints one", async () => {
    const [telegram, slack, model] = await Promise.all([
      startFakeTelegram(),
      startFakeSlack(),
      startModelServer(() => ({ text: "ready" })),
    ]);
    onTestFinished(async () => {
      await Promise.all([telegram.close(), slack.close(), model.close()]);
    });
    const dotEnv = [
      `TELEGRAM_BOT_TOKEN=${telegramToken}`,
      `TELEGRAM_API_ROOT=${telegram.url}`,
      "SLACK_BOT_TOKEN=xoxb-revoked",
      "SLACK_SIGNING_SECRET=signing",
      `SLACK_API_URL=${slack.url}/`,
      "OPENAI_API_KEY=sk-of-the-person",
      `OPENAI_BASE_URL=${model.openaiUrl}`,
      "TALARIA_MODEL=openai/scripted",
      "WHATSAPP_APP_SECRET=begun",
      `PORT=${await freePort()}`,
    ];
    const { code, printed } = await operator("", dotEnv.join("\n")).run("doctor");
    expect(printed).toContain("✓ Telegram: the token is @talaria_bot's");
    expect(printed).toMatch(/✗ Slack does not accept SLACK_BOT_TOKEN \(invalid_auth\)/);
    expect(printed).toMatch(
      /✗ whatsapp is begun and lacks WHATSAPP_ACCESS_TOKEN, WHATSAPP_VERIFY_TOKEN, WHATSAPP_PHONE_NUMBER_ID/,
    );
    expect(printed).toMatch(/✓ Model openai\/scripted answers/);
    expect(code).toBe(1);
    expect(telegram.calls.map(({ operation }) => operation)).toEqual(["getMe"]);
    expect(slack.calls.map(({ operation }) => operation)).toEqual(["auth.test"]);
    for (const secret of [telegramToken, "xoxb-revoked", "sk-of-the-person"]) expect(printed).not.toContain(secret);
  });

  it("says what the model's server says", async () => {
    const slack = await startFakeSlack();
    const model = await startModelServer(() => ({ error: { status: 401, message: "Incorrect API key provided" } }));
    onTestFinished(async () => {
      await Promise.all([model.close(), slack.close()]);
    });
    const person = operator();
    Object.assign(person.environment, {
      PORT: await freePort(),
      OPENAI_API_KEY: "sk-of-nobody",
      OPENAI_BASE_URL: model.openaiUrl,
      SLACK_BOT_TOKEN: slackToken,
      SLACK_SIGNING_SECRET: "signing",
      SLACK_API_URL: slack.url,
    });
    const { code, printed } = await person.run("doctor");
    expect(code).toBe(1);
    expect(printed).toMatch(/✗ Model openai\/.*OPENAI_API_KEY/);
    expect(printed).toContain("✓ Slack: the token is good");
    expect(printed).not.toContain("sk-of-nobody");
  });
});
