import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { startFakeServer, type FakeServer } from "./platform-server.ts";

interface WebhookReply {
  id: string;
  conversation: string;
  text: string;
  inReplyTo?: string;
}

export interface FakeWebhookReceiver extends FakeServer {
  secret: string;
  /** Replies in order; one with a known webhook-id is dropped, as a receiver that keeps the ids does. */
  messages: WebhookReply[];
  /** How many replies came more than once. */
  repeats(): number;
}

export const webhookSecret = `whsec_${Buffer.from("a secret of thirty-two bytes, ok").toString("base64")}`;

/** The program at the other end of a generic webhook: verifies every reply with the published library. */
export async function startFakeWebhookReceiver({ secret = webhookSecret } = {}): Promise<FakeWebhookReceiver> {
  const received = new Map<string, WebhookReply>();
  const messages: WebhookReply[] = [];
  let repeats = 0;
  const verifier = new Webhook(secret);
  const server = await startFakeServer({
    operationOf: (method) => method,
    answer: ({ text, headers }) => {
      try {
        verifier.verify(text, headers);
      } catch (error) {
        return { status: 401, body: { error: (error as Error).message } };
      }
      const id = headers["webhook-id"] ?? "";
      if (received.has(id)) {
        repeats += 1;
        return { status: 200, body: { repeated: true } };
      }
      const reply = JSON.parse(text) as WebhookReply;
      received.set(id, reply);
      messages.push(reply);
      return { status: 204, body: "" };
    },
  });
  return { ...server, secret, messages, repeats: () => repeats };
}

export interface WebhookDelivery {
  secret?: string;
  id: string;
  /** An object is sent as JSON; a text as it is. */
  body: object | string;
  /** Seconds since 1970. */
  timestamp?: number;
}

/** A correctly signed generic webhook. */
export function webhookDelivery({ secret = webhookSecret, id, body, timestamp }: WebhookDelivery) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const seconds = String(timestamp ?? Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${text}`).digest("base64");
  return {
    method: "POST",
    path: "/webhooks/webhook",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": seconds,
      "webhook-signature": `v1,${signature}`,
    },
    body: text,
  };
}
