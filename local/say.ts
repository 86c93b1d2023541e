import { createHmac, randomUUID } from "node:crypto";
import { systemClock } from "../core/base/clock.ts";
import { refused, retryable } from "../core/base/errors.ts";
import type { StepRecord, TurnRecord } from "../core/conversation/turn.ts";
import { conversationKeyOf } from "../core/gateway/conversation-key.ts";
import { openBlobs } from "../core/store/blobs.ts";
import { openStore, type Store } from "../core/store/store.ts";
import { dynamoDbSdk } from "../core/store/dynamodb-sdk.ts";
import { openTable } from "../core/store/table.ts";
import { resourceEnvironment } from "../stacks/manifest.ts";
import { printable } from "./chat/printer.ts";
import { difference } from "./cloud/counters.ts";
import { startInstance, type Instance } from "./instance.ts";
import { startReplyListener } from "./reply-listener.ts";

export interface SayResult {
  reply: string;
  turn: number;
  steps: number;
  tools: string[];
  usage: object;
  awsCalls: Record<string, number>;
  ms: number;
}

/** A turn that waits for the person: what asks once has nobody to answer. */
export const unanswerable = (question: string) =>
  refused(`The agent asks, and only a chat can answer (npm run chat):\n${printable(question)}`);

const patienceMs = 15 * 60_000;
const pollMs = 10;

/** Sends one message as any program would: a signed webhook (https://www.standardwebhooks.com). Returns its key. */
async function post(instance: Instance, conversation: string, message: string): Promise<string> {
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
  return id;
}

type Settled = Extract<TurnRecord, { status: "delivered" | "undeliverable" }>;

interface Asked {
  conversation: string;
  /** Of the message. */
  key: string;
  /** What has been sent so far. */
  parts: readonly string[];
}

/**
 * Waits for the turn that took the message, by its own session: `/new` and `/resume` leave the conversation with another
 * one. Our own look at the turn (`reads`) must not count as calls of the turn's.
 */
async function settledTurn(store: Store, { conversation, key, parts }: Asked) {
  let reads = 0;
  const until = Date.now() + patienceMs;
  while (Date.now() < until) {
    const taken = takenBy(await store.inbox.consumedBy(conversation, key));
    const lease = await store.leases.current(conversation);
    const record = taken && (await store.turns.get(taken.session, taken.turn));
    reads += taken ? 3 : 2;
    const isSettled = record?.status === "delivered" || record?.status === "undeliverable";
    const isOver = !lease?.held || lease.turn !== taken?.turn;
    if (taken && isSettled && isOver) return { session: taken.session, record: record satisfies Settled, reads };
    // Nothing is sent before the end of a turn but its questions.
    if (lease?.isParked && parts.length > 0) throw unanswerable(parts.join("\n"));
    await systemClock.sleep(pollMs);
  }
  throw retryable("No reply came within 15 minutes. The log file in the data folder says more.");
}

/** The turn that marked a message as its own (core/turn writes `session#turn`). */
function takenBy(mark: string | undefined): { session: string; turn: number } | undefined {
  const [session, turn] = mark?.split("#") ?? [];
  return session === undefined ? undefined : { session, turn: Number(turn) };
}

const toolNames = (steps: readonly StepRecord[]) =>
  steps.flatMap((step) => step.assistant.toolCalls.map((call) => call.name));

/** One turn through the whole way of a message: signed webhook in, state machine, delivered reply out. */
export async function say(message: string, { dataFolder }: { dataFolder: string }): Promise<SayResult> {
  const chat = `say-${randomUUID()}`;
  const listener = await startReplyListener(chat);
  try {
    // A free port: whoever runs an agent has the usual one.
    const overrides = { TALARIA_WEBHOOK_REPLY_URL: listener.url };
    const instance = await startInstance({ dataFolder, port: 0, overrides });
    try {
      return await sayTo(instance, { chat, message, parts: listener.parts });
    } finally {
      await instance.close();
    }
  } finally {
    // Left open, it would keep the process alive.
    listener.close();
  }
}

interface Saying {
  chat: string;
  message: string;
  /** What the agent has sent to the chat so far. */
  parts: readonly string[];
}

async function sayTo(instance: Instance, { chat, message, parts }: Saying): Promise<SayResult> {
  const place = { platform: "webhook", chat, kind: "direct" as const };
  const profile = instance.environment["TALARIA_PROFILE"] || "main";
  const conversation = conversationKeyOf(profile, { place, sender: { id: "local" } });
  const startedAt = Date.now();
  const before = instance.cloud.counters.snapshot();
  const key = await post(instance, chat, message);
  const store = storeOf(instance);
  const { session, record, reads } = await settledTurn(store, { conversation, key, parts });
  const ms = Date.now() - startedAt;
  const calls = difference(instance.cloud.counters.snapshot(), before).calls;
  if (record.status === "undeliverable") throw refused(`The reply could not be delivered: ${record.reason}`);
  const steps = await store.steps.from(session, record.turn);
  return {
    reply: parts.join("\n"),
    turn: record.turn,
    steps: record.steps,
    tools: toolNames(steps),
    usage: record.usage,
    awsCalls: { ...calls, "dynamodb.GetItem": (calls["dynamodb.GetItem"] ?? 0) - reads },
    ms,
  };
}

function storeOf({ cloud: { awsEnvironment } }: Instance): Store {
  const table = openTable(String(awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
  return openStore(table, openBlobs(String(awsEnvironment[resourceEnvironment.bucket])), Date.now);
}
