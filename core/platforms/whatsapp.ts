import type { Settings } from "../base/settings.ts";
import { renderWhatsApp } from "../gateway/render/whatsapp.ts";
import { accepted, hmacSha256, isEqualSecret, rejected } from "./kit/signature.ts";
import { definePlatform, type Parsed, type RawRequest, type Verdict } from "./platform.ts";
import { parseNotification } from "./whatsapp/notifications.ts";
import { connectWhatsApp } from "./whatsapp/outbound.ts";

/** WhatsApp's Cloud API (the official one, for business numbers). */
export const whatsapp = definePlatform({
  name: "whatsapp",
  settings: [
    {
      name: "WHATSAPP_ACCESS_TOKEN",
      required: true,
      secret: true,
      help: "A system user's token with whatsapp_business_messaging, from Meta's Business settings",
    },
    {
      name: "WHATSAPP_APP_SECRET",
      required: true,
      secret: true,
      help: "The Meta app's secret, under App settings, Basic; it proves that a request comes from WhatsApp",
    },
    {
      name: "WHATSAPP_VERIFY_TOKEN",
      required: true,
      secret: true,
      help: "Any random text; enter the same one where Meta asks for the webhook's verify token",
    },
    {
      name: "WHATSAPP_PHONE_NUMBER_ID",
      required: true,
      secret: false,
      help: "The id of the number (not the number itself), under WhatsApp, API Setup",
    },
    {
      name: "WHATSAPP_API_URL",
      required: false,
      secret: false,
      help: "Another address than https://graph.facebook.com",
    },
  ],
  // https://developers.facebook.com/docs/whatsapp/cloud-api/messages/text-messages (4,096 characters) and
  // https://developers.facebook.com/docs/whatsapp/cloud-api/typing-indicators (25 seconds). No message can be edited.
  // https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages
  limits: { maxLength: 4096, unit: "utf16", maxButtons: 3, typingMs: 25_000 },
  promptHint:
    "The reply is shown in WhatsApp on a phone: bold, italic, lists, quotes and code work, tables do not. Keep it short.",
  idempotency: "none",
  verify,
  parse,
  render: renderWhatsApp,
  connect: connectWhatsApp,
});

/** https://developers.facebook.com/docs/graph-api/webhooks/getting-started: a token by GET, else a signature. */
function verify({ method, query, headers, body }: RawRequest, settings: Settings): Verdict {
  if (method === "GET") return verifySubscription(query, settings);
  const secret = settings["WHATSAPP_APP_SECRET"];
  if (!secret) return rejected("WHATSAPP_APP_SECRET is not set.");
  const expected = `sha256=${hmacSha256(secret, [body], "hex")}`;
  const given = headers["x-hub-signature-256"] ?? "";
  return isEqualSecret(given, expected) ? accepted : rejected("X-Hub-Signature-256 is missing or does not match.");
}

function verifySubscription(query: RawRequest["query"], settings: Settings): Verdict {
  const token = settings["WHATSAPP_VERIFY_TOKEN"];
  if (!token) return rejected("WHATSAPP_VERIFY_TOKEN is not set.");
  if (query["hub.mode"] !== "subscribe") return rejected("hub.mode is not subscribe.");
  return isEqualSecret(query["hub.verify_token"] ?? "", token)
    ? accepted
    : rejected("hub.verify_token does not match.");
}

function parse(request: RawRequest, settings: Settings): Parsed {
  if (request.method !== "GET") return parseNotification(request, settings);
  const body = request.query["hub.challenge"] ?? "";
  return { kind: "answer", response: { status: 200, headers: { "content-type": "text/plain" }, body } };
}
