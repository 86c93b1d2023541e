import { createHmac } from "node:crypto";
import type { Button } from "../../core/platforms/platform.ts";
import { startFakeServer, type Answer, type Call, type FakeServer } from "./platform-server.ts";

interface WhatsAppSent {
  id: string;
  /** Phone number or business-scoped user id. */
  to: string;
  text: string;
  /** Reply buttons below it; absent without any. */
  buttons?: Button[];
}

export interface FakeWhatsApp extends FakeServer {
  token: string;
  messages: WhatsAppSent[];
  /** Ids of messages that were marked as read with a typing indicator. */
  typings: string[];
}

export const whatsappToken = "EAAFakeAccessTokenOfTheFakeApp";
export const whatsappSecret = "an-app-secret-of-the-fake-app";
export const whatsappVerifyToken = "a-verify-token";
export const whatsappNumber = "106540352242922";

interface Body {
  messaging_product?: string;
  to?: string;
  recipient?: string;
  type?: string;
  text?: { body?: string };
  interactive?: {
    type?: string;
    body?: { text?: string };
    action?: { buttons?: { type?: string; reply?: { id?: string; title?: string } }[] };
  };
  status?: string;
  message_id?: string;
  typing_indicator?: { type?: string };
}

/** The Cloud API's message endpoint, strict about what the specification asks for. */
export async function startFakeWhatsApp({
  token = whatsappToken,
  number = whatsappNumber,
} = {}): Promise<FakeWhatsApp> {
  const messages: WhatsAppSent[] = [];
  const typings: string[] = [];
  const server = await startFakeServer({
    operationOf: (_method, path) => path.split("/").at(-1) ?? "",
    answer: (call) => {
      if (call.headers["authorization"] !== `Bearer ${token}`)
        return whatsappError(401, 190, "Invalid OAuth access token");
      if (!new RegExp(`^/v\\d+\\.\\d+/${number}/messages$`).test(call.path))
        return whatsappError(400, 100, "Unsupported post request");
      return receive(call, messages, typings);
    },
  });
  return { ...server, token, messages, typings };
}

/** An error as the Graph API words it. */
export const whatsappError = (status: number, code: number, message: string): Answer => ({
  status,
  body: { error: { message: `(#${code}) ${message}`, type: "OAuthException", code, fbtrace_id: "AbCdEf" } },
});

export const whatsappOutsideWindow = whatsappError(400, 131047, "Re-engagement message");

function receive(call: Call, messages: WhatsAppSent[], typings: string[]): Answer {
  const body = JSON.parse(call.text) as Body;
  if (body.messaging_product !== "whatsapp") return invalid("messaging_product");
  if (body.status !== undefined) {
    if (body.status !== "read" || !body.message_id) return invalid("status");
    if (body.typing_indicator?.type === "text") typings.push(body.message_id);
    return { status: 200, body: { success: true } };
  }
  const to = body.to ?? body.recipient;
  const content = body.type === "interactive" ? questionOf(body) : textOf(body);
  if (typeof content === "string") return invalid(content);
  if (to === undefined || (body.to !== undefined && !/^\+?\d{6,15}$/.test(body.to))) return invalid("to");
  const id = `wamid.OUT${messages.length + 1}`;
  messages.push({ id, to, ...content });
  const contacts = [{ input: to, wa_id: to }];
  return { status: 200, body: { messaging_product: "whatsapp", contacts, messages: [{ id }] } };
}

type Content = Pick<WhatsAppSent, "text" | "buttons">;

/** What the message says, or the parameter that is wrong. */
function textOf({ type, text }: Body): Content | string {
  const said = text?.body ?? "";
  return type !== "text" || said.trim() === "" || said.length > 4096 ? "text" : { text: said };
}

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages */
function questionOf({ interactive }: Body): Content | string {
  const text = interactive?.body?.text ?? "";
  const list = interactive?.action?.buttons ?? [];
  if (interactive?.type !== "button" || text.trim() === "" || text.length > 1024) return "interactive.body";
  if (list.length < 1 || list.length > 3) return "interactive.action.buttons";
  const buttons = list.map(({ reply }) => ({ payload: reply?.id ?? "", label: reply?.title ?? "" }));
  const isRight = ({ payload, label }: Button) =>
    payload !== "" && payload.trim() === payload && payload.length <= 256 && label !== "" && label.length <= 20;
  const areDistinct = (["payload", "label"] as const).every(
    (name) => new Set(buttons.map((button) => button[name])).size === buttons.length,
  );
  const areReplies = list.every(({ type }) => type === "reply");
  return areReplies && areDistinct && buttons.every(isRight) ? { text, buttons } : "interactive.action.buttons";
}

const invalid = (parameter: string) => whatsappError(400, 100, `Invalid parameter: ${parameter}`);

export interface WhatsAppDelivery {
  secret?: string;
  id: string;
  text?: string;
  /** A phone number; undefined for a person who goes by a user name. */
  from?: string;
  name?: string;
  /** Seconds since 1970. */
  timestamp?: number;
  number?: string;
  /** Further members of the message: type, image, interactive … */
  message?: object;
}

/** A notification with one message, as WhatsApp posts it. */
export function whatsappDelivery(delivery: WhatsAppDelivery) {
  const { secret, id, text, from = "16505551234", name = "Ada", number = whatsappNumber } = delivery;
  const { timestamp = Math.floor(Date.now() / 1000), message } = delivery;
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "15550783881", phone_number_id: number },
    contacts: [{ profile: { name }, wa_id: from }],
    messages: [
      {
        from,
        id,
        timestamp: String(timestamp),
        type: "text",
        ...(text !== undefined && { text: { body: text } }),
        ...message,
      },
    ],
  };
  const body = {
    object: "whatsapp_business_account",
    entry: [{ id: "102290129340398", changes: [{ value, field: "messages" }] }],
  };
  return whatsappSigned(JSON.stringify(body), secret);
}

/** Any body, correctly signed. */
export function whatsappSigned(body: string, secret = whatsappSecret) {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  return {
    method: "POST",
    path: "/webhooks/whatsapp",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
    body,
  };
}
