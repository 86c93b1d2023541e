import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { systemClock } from "../../../core/base/clock.ts";
import { silentLog } from "../../../core/base/log.ts";
import { allowListOf } from "../../../core/gateway/authorise.ts";
import { receive, type IngressPorts } from "../../../core/gateway/ingress.ts";
import { telegram } from "../../../core/platforms/telegram.ts";
import { openStore } from "../../../core/store/store.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openTable } from "../../../core/store/table.ts";
import { telegramDelivery } from "../../fakes/platform-telegram.ts";

/** A port on which nobody listens: every call to the database fails, as in an outage. */
const unreachable = new DynamoDBClient({
  endpoint: "http://127.0.0.1:9",
  region: "us-east-1",
  credentials: { accessKeyId: "made-up", secretAccessKey: "made-up" },
  maxAttempts: 1,
});

const noBlobs = {
  put: () => Promise.reject(new Error("no blobs here")),
  get: () => Promise.reject(new Error("no blobs here")),
};

const ports: IngressPorts = {
  store: openStore(openTable("state", dynamoDbSdk(unreachable)), noBlobs, Date.now),
  clock: systemClock,
  log: silentLog,
  startTurn: () => Promise.reject(new Error("nothing may be started")),
  wakeTurn: () => Promise.reject(new Error("nothing may be woken")),
  channel: () => Promise.reject(new Error("nothing may be sent")),
  mailbox: () => ({ put: () => Promise.resolve(), after: () => Promise.resolve([]) }),
  platform: async (name) => (name === "telegram" ? telegram : undefined),
  profile: "main",
  allowed: allowListOf({ TALARIA_ALLOWED_USERS: "telegram:42" }),
  settings: { TELEGRAM_BOT_TOKEN: "1:a", TELEGRAM_WEBHOOK_SECRET: "s" },
};

it("answers 503 when the message could not be made durable, so that the platform delivers it again", async () => {
  const { headers, body, method, path } = telegramDelivery({ secret: "s", updateId: 1, text: "hi" });
  const answer = await receive({ method, path, headers, query: {}, body: Buffer.from(body) }, ports);
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.body ?? "")).toEqual({
    error: "The message could not be accepted just now. Send it again.",
  });
});
