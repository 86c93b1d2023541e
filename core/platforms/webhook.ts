import * as z from "zod";
import { fatal, refused } from "../base/errors.ts";
import { createHash } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Settings } from "../base/settings.ts";
import type { Place } from "../conversation/place.ts";
import { messages, optional, payloadSchema, readJson, saysSomething, silence } from "./kit/body.ts";
import { failing, isPassing, postJson, rateLimited, retryAfterSeconds } from "./kit/http.ts";
import { accepted, hmacSha256, isEqualSecret, isRecent, rejected } from "./kit/signature.ts";
import { definePlatform, type Outbound, type Parsed, type RawRequest, type Verdict } from "./platform.ts";

const secretName = "TALARIA_WEBHOOK_SECRET";
const replyUrlName = "TALARIA_WEBHOOK_REPLY_URL";

/** The generic webhook: anything that signs as https://www.standardwebhooks.com says can talk to the agent. */
export const webhook = definePlatform({
  name: "webhook",
  settings: [
    {
      name: secretName,
      required: true,
      secret: true,
      help: 'Signs generic webhooks both ways: "whsec_" and base64 of 24 to 64 random bytes, e.g. from: echo "whsec_$(openssl rand -base64 32)"',
    },
    {
      name: replyUrlName,
      required: false,
      secret: false,
      help: "Where replies to generic webhooks are posted, signed with the same secret",
    },
  ],
  limits: { maxLength: 100_000, unit: "utf16" },
  promptHint: "The reply goes to a program, as Markdown in one message.",
  idempotency: "key",
  trusted: true,
  verify,
  parse,
  render: (markdown) => markdown,
  connect: (settings, { clock }) => Promise.resolve(outbound(settings, clock)),
});

function verify({ method, headers, body }: RawRequest, settings: Settings, now: number): Verdict {
  const key = signingKey(settings[secretName]);
  if (!key) return rejected(`${secretName} is not set, or is not "whsec_" and base64 of at least 24 bytes.`);
  if (method !== "POST") return rejected("Only POST is signed.");
  const id = headers["webhook-id"];
  if (!id || id.length > 256) return rejected("webhook-id is missing or longer than 256 characters.");
  // Replies are signed with the same secret: one that comes back must not count as a message.
  if (id.startsWith(replyPrefix))
    return rejected(`webhook-id begins with ${replyPrefix}, which marks replies of ours.`);
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (!isRecent(timestamp, now)) return rejected("webhook-timestamp is missing or not within five minutes of now.");
  const expected = signature(key, id, timestamp, body);
  // Several signatures, separated by spaces, let a sender rotate its secret.
  const given = (headers["webhook-signature"] ?? "").split(" ").slice(0, 16);
  return given.some((one) => isEqualSecret(one, expected)) ? accepted : rejected("webhook-signature does not match.");
}

/** The bytes of the secret; undefined when it is unset or shorter than the specification allows. */
function signingKey(secret: string | undefined): Buffer | undefined {
  const key = Buffer.from((secret ?? "").replace(/^whsec_/, ""), "base64");
  return key.length >= 24 ? key : undefined;
}

const signature = (key: Buffer, id: string, timestamp: string, body: string | Uint8Array): string =>
  `v1,${hmacSha256(key, [`${id}.${timestamp}.`, body], "base64")}`;

/** Begins the id of every reply; the id is part of what is signed. */
const replyPrefix = "reply_";

const name = z.string().min(1).max(200);

const bodySchema = z
  .object({
    /** Everybody in one conversation shares its history and workspace; without a name each sender has their own. */
    conversation: name.optional(),
    sender: z.object({ id: name, name: name.optional() }).default({ id: "webhook" }),
    text: z.string().default(""),
    /** The choice of a question, `<question id>:<choice id>`, for a program that knows it. */
    pressed: payloadSchema.optional(),
  })
  .refine(saysSomething, silence);

function parse(request: RawRequest): Parsed {
  const id = request.headers["webhook-id"] ?? "";
  return readJson(request, bodySchema, ({ conversation, sender, text, pressed }) =>
    messages({
      key: id,
      place: { platform: "webhook", chat: conversation ?? sender.id, kind: "direct", replyTo: id },
      sender: { id: sender.id, ...optional("name", sender.name) },
      text,
      ...optional("pressed", pressed),
      sentAt: Number(request.headers["webhook-timestamp"]) * 1000,
      order: id,
    }),
  );
}

function outbound(settings: Settings, clock: Clock): Outbound {
  return {
    async send(place, rendered, { idempotencyKey }) {
      const id = asWebhookId(idempotencyKey);
      await post(settings, clock, id, replyBody(place, rendered, id));
      return { id };
    },
  };
}

const replyBody = (place: Place, text: string, id: string): string =>
  JSON.stringify({ id, conversation: place.chat, text, ...optional("inReplyTo", place.replyTo) });

/** A header carries printable ASCII only; any other key becomes its hash. */
const asWebhookId = (key: string): string =>
  replyPrefix + (/^[\x21-\x7e]{1,240}$/.test(key) ? key : createHash("sha256").update(key).digest("hex"));

async function post(settings: Settings, clock: Clock, id: string, body: string): Promise<void> {
  const { url, key } = target(settings);
  const timestamp = String(Math.floor(clock.now() / 1000));
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature(key, id, timestamp, body),
  };
  const service = `The address in ${replyUrlName}`;
  const answer = await postJson(service, url, headers, body);
  if (answer.status >= 200 && answer.status < 300) return;
  if (answer.status === 429) throw rateLimited(service, retryAfterSeconds(answer.headers));
  if (isPassing(answer.status)) throw failing(service, answer.status);
  throw refused(`${service} refused the reply (HTTP ${answer.status}).`, { code: "platform.refused" });
}

/** The address comes from the settings alone: one in a message would let its sender reach into our network. */
function target(settings: Settings): { url: string; key: Buffer } {
  const url = settings[replyUrlName];
  if (!url) {
    const message = `A generic webhook was answered, but ${replyUrlName} is not set: there is nowhere to send the reply.`;
    throw refused(message, { code: "platform.no-reply-url" });
  }
  const key = signingKey(settings[secretName]);
  if (!key) throw fatal(`${secretName} is not set.`, { code: "platform.not-configured" });
  return { url, key };
}
