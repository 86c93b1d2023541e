import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../core/base/log.ts";
import { watchSpools } from "../../local/shell-spool.ts";
import { startCloud, type Cloud, type CloudOptions } from "../../local/cloud/index.ts";
import { manifest } from "../../stacks/manifest.ts";
import { needs, type FunctionName } from "../../stacks/needs.ts";
import { openBlobs } from "../../core/store/blobs.ts";
import { openStore, type Store } from "../../core/store/store.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openTable } from "../../core/store/table.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import { startModelServer, type Brain, type ModelServer } from "../fakes/model-server.ts";
import { startFakeTelegram, telegramDelivery, telegramToken, type FakeTelegram } from "../fakes/platform-telegram.ts";

export const telegramWebhookSecret = "a-webhook-secret";

/** An agent on the embedded cloud with a scripted model, reached over Telegram. */
export interface TestAgent {
  cloud: Cloud;
  model: ModelServer;
  telegram: FakeTelegram;
  store: Store;
  dataFolder: string;
  /** Delivers a person's message; `update` tells deliveries apart. */
  say(text: string, options?: { update?: number; from?: number }): Promise<Response>;
  /** @throws when a function of the mode `strict` made a call that its role (stacks/needs.ts) does not allow */
  close(): Promise<void>;
}

export interface AgentOptions extends Partial<CloudOptions> {
  settings?: Record<string, string>;
}

let updates = 1000;

/** Posts a person's message to the ingress at this address, as Telegram would. */
export const sayTo =
  (url: () => string): TestAgent["say"] =>
  (text, { update = (updates += 1), from = 42 } = {}) => {
    const person = { id: from, first_name: "Ada" };
    const delivery = telegramDelivery({ secret: telegramWebhookSecret, updateId: update, text, from: person });
    return fetch(`${url()}${delivery.path}`, delivery);
  };

export async function startAgent(brain: Brain, { settings, ...options }: AgentOptions = {}): Promise<TestAgent> {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), "talaria-test-"));
  const denied = new Set<string>();
  const [model, telegram] = await Promise.all([startModelServer(brain), startFakeTelegram()]);
  const cloud = await startCloud({
    manifest,
    dataFolder,
    mode: "in-process",
    port: 0,
    environment: {
      PATH: process.env["PATH"] ?? "",
      OPENAI_BASE_URL: model.openaiUrl,
      OPENAI_API_KEY: "sk-of-the-scripted-model",
      TALARIA_MODEL: "openai/scripted",
      TALARIA_ALLOWED_USERS: "telegram:42",
      // A review asks the same model: tests of it switch it on.
      TALARIA_REVIEW: "off",
      TALARIA_WORKSPACES: join(dataFolder, "workspaces"),
      TALARIA_LOG_FILE: join(dataFolder, "talaria.log"),
      TELEGRAM_BOT_TOKEN: telegramToken,
      TELEGRAM_WEBHOOK_SECRET: telegramWebhookSecret,
      TELEGRAM_API_ROOT: telegram.url,
      ...settings,
    },
    mayCall(name, action) {
      const isGranted = needs[name as FunctionName].grants.some(({ actions }) => actions.includes(action));
      if (!isGranted) denied.add(`${name} may not ${action}`);
      return isGranted;
    },
    ...options,
  });
  const spools = watchSpools({ workspaces: join(dataFolder, "workspaces"), url: cloud.url, log: silentLog });
  const { awsEnvironment } = cloud;
  Object.assign(process.env, awsEnvironment);
  const table = openTable(String(awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
  return {
    cloud,
    model,
    telegram,
    dataFolder,
    store: openStore(table, openBlobs(String(awsEnvironment[resourceEnvironment.bucket])), Date.now),
    say: sayTo(() => cloud.url),
    async close() {
      await spools.close();
      await cloud.close();
      await Promise.all([model.close(), telegram.close()]);
      if (!options.dataFolder) rmSync(dataFolder, { recursive: true, force: true });
      // Retried or logged, a refused call would fail no test by itself.
      if (denied.size > 0) throw new Error(`Deployed, these calls are refused: ${[...denied].join(", ")}.`);
    },
  };
}

/** Waits until no turn is running. */
export async function atRest({ cloud }: TestAgent): Promise<void> {
  const stateMachineArn = cloud.awsEnvironment[resourceEnvironment.turnMachine];
  const running = new ListExecutionsCommand({ stateMachineArn, statusFilter: "RUNNING" });
  const client = new SFNClient();
  await until("the end of all turns", async () => (await client.send(running)).executions?.length === 0);
}

/** Waits until nothing goes on behind the scenes any more (a turn is indexed after its end); the calls made so far. */
export async function whenQuiet({ cloud }: TestAgent): Promise<Record<string, number>> {
  const calls = () => JSON.stringify(cloud.counters.snapshot().calls);
  let seen = calls();
  let quietSince = Date.now();
  await until("a quiet moment", () => {
    if (calls() !== seen) quietSince = Date.now();
    seen = calls();
    return Date.now() - quietSince > 400;
  });
  return cloud.counters.snapshot().calls;
}

/** Looks again until the condition holds; fails with what was looked for after `withinMs`. */
export async function until<Result>(
  what: string,
  look: () => Result | Promise<Result>,
  { withinMs = 15_000 } = {},
): Promise<NonNullable<Result>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
