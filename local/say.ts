import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../core/base/clock.ts";
import { refused, retryable } from "../core/base/errors.ts";
import type { StepRecord, TurnRecord } from "../core/conversation/turn.ts";
import { conversationKeyOf } from "../core/gateway/conversation-key.ts";
import { openBlobs } from "../core/store/blobs.ts";
import { openStore, type Store } from "../core/store/store.ts";
import { dynamoDbSdk } from "../core/store/dynamodb-sdk.ts";
import { openTable } from "../core/store/table.ts";
import { resourceEnvironment } from "../stacks/manifest.ts";
import { difference } from "./cloud/counters.ts";
import { startInstance, type Instance } from "./instance.ts";

export interface SayResult {
  reply: string;
  turn: number;
  steps: number;
  tools: string[];
  usage: object;
  awsCalls: Record<string, number>;
  ms: number;
}

const patienceMs = 15 * 60_000;
const pollMs = 10;

/** Receives the signed replies of the generic webhook. */
async function startListener() {
  const parts: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      parts.push((JSON.parse(body) as { text: string }).text);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, parts, close: () => server.close() };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Sends one message as any program would: a signed webhook (https://www.standardwebhooks.com). */
async function post(instance: Instance, conversation: string, message: string): Promise<void> {
  const id = randomUUID();
  const timestamp = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ conversation, sender: { id: "local", name: "you" }, text: message });
  const key = Buffer.from(String(instance.environment["TALARIA_WEBHOOK_SECRET"]).replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  const answer = await fetch(`${instance.cloud.url}/webhooks/webhook`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": `v1,${signature}`,
    },
    body,
  });
  if (!answer.ok) throw refused(`The message was not accepted: HTTP ${answer.status} ${await answer.text()}`);
}

type Settled = Extract<TurnRecord, { status: "delivered" | "undeliverable" }>;

/** Our own look at the turn must not count as a call of the turn's. */
async function settledTurn(store: Store, conversation: string) {
  let reads = 0;
  const until = Date.now() + patienceMs;
  while (Date.now() < until) {
    const lease = await store.leases.current(conversation);
    const record = lease && (await store.turns.get(lease.session, lease.turn));
    reads += lease ? 2 : 1;
    const isSettled = record?.status === "delivered" || record?.status === "undeliverable";
    if (lease && !lease.held && isSettled) return { session: lease.session, record: record satisfies Settled, reads };
    await systemClock.sleep(pollMs);
  }
  throw retryable("No reply came within 15 minutes. The log file in the data folder says more.");
}

const toolNames = (steps: readonly StepRecord[]) =>
  steps.flatMap((step) => step.assistant.toolCalls.map((call) => call.name));

/** One turn through the whole way of a message: signed webhook in, state machine, delivered reply out. */
export async function say(message: string, options: { dataFolder: string; port: number }): Promise<SayResult> {
  const listener = await startListener();
  const overrides = { TALARIA_WEBHOOK_REPLY_URL: listener.url };
  const instance = await startInstance({ ...options, overrides });
  try {
    const chat = `say-${randomUUID().slice(0, 8)}`;
    const place = { platform: "webhook", chat, kind: "direct" as const };
    const conversation = conversationKeyOf(instance.environment["TALARIA_PROFILE"] || "main", {
      place,
      sender: { id: "local" },
    });
    const startedAt = Date.now();
    const before = instance.cloud.counters.snapshot();
    await post(instance, chat, message);
    const { awsEnvironment } = instance.cloud;
    const table = openTable(String(awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
    const store = openStore(table, openBlobs(String(awsEnvironment[resourceEnvironment.bucket])), Date.now);
    const { session, record, reads } = await settledTurn(store, conversation);
    const ms = Date.now() - startedAt;
    const calls = difference(instance.cloud.counters.snapshot(), before).calls;
    if (record.status === "undeliverable") throw refused(`The reply could not be delivered: ${record.reason}`);
    const steps = await store.steps.from(session, record.turn);
    return {
      reply: listener.parts.join("\n"),
      turn: record.turn,
      steps: record.steps,
      tools: toolNames(steps),
      usage: record.usage,
      awsCalls: { ...calls, "dynamodb.GetItem": (calls["dynamodb.GetItem"] ?? 0) - reads },
      ms,
    };
  } finally {
    listener.close();
    await instance.close();
  }
}
