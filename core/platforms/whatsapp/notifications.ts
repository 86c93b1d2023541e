import * as z from "zod";
import type { Settings } from "../../base/settings.ts";
import type { Inbound } from "../../conversation/inbound.ts";
import { messages, optional, readJson } from "../kit/body.ts";
import type { Parsed, RawRequest } from "../platform.ts";
import { messageSchema, pressedPayload, spokenText, type WhatsAppMessage } from "./message.ts";

const contactSchema = z.object({
  profile: z.object({ name: z.string().optional() }).optional(),
  wa_id: z.string().optional(),
  user_id: z.string().optional(),
});
type Contact = z.infer<typeof contactSchema>;

const valueSchema = z.object({
  metadata: z.object({ phone_number_id: z.string() }).optional(),
  contacts: z.array(contactSchema).default([]),
  messages: z.array(messageSchema).default([]),
});

/** Other fields (account reviews, template states) are of no concern here, whatever they hold. */
const changeSchema = z.union([
  z.object({ field: z.literal("messages"), value: valueSchema }).transform(({ value }) => [value]),
  z.object({ field: z.string().refine((field) => field !== "messages") }).transform(() => []),
]);

/** One POST may hold many accounts, each with many changes, each with many messages, for several numbers. */
const notificationSchema = z.object({ entry: z.array(z.object({ changes: z.array(changeSchema) })) });

export function parseNotification(request: RawRequest, settings: Settings): Parsed {
  return readJson(request, notificationSchema, ({ entry }) => {
    const ours = settings["WHATSAPP_PHONE_NUMBER_ID"] ?? "";
    const values = entry.flatMap(({ changes }) => changes.flat());
    const list = values
      .filter(({ metadata }) => metadata?.phone_number_id === ours)
      .flatMap((value) => value.messages.map((message) => ({ message, contacts: value.contacts })));
    return messages(...list.flatMap(({ message, contacts }, index) => inbound(message, contacts, ours, index) ?? []));
  });
}

/** Receipts have no messages; what comes from a group is left out: there the agent cannot tell whether it is meant. */
function inbound(message: WhatsAppMessage, contacts: Contact[], workspace: string, index: number): Inbound | undefined {
  const pressed = pressedPayload(message);
  const text = spokenText(message) ?? (pressed === undefined ? undefined : "");
  const contact = contacts.find((one) => isSender(one, message)) ?? (contacts.length === 1 ? contacts[0] : undefined);
  const person = message.from ?? message.from_user_id ?? contact?.user_id;
  if (text === undefined || person === undefined || message.group_id !== undefined) return undefined;
  return {
    key: message.id,
    place: { platform: "whatsapp", workspace, chat: person, kind: "direct", replyTo: message.id },
    sender: { id: person, ...optional("name", contact?.profile?.name) },
    text,
    ...optional("pressed", pressed),
    sentAt: Number(message.timestamp) * 1000,
    // WhatsApp tells whole seconds and nothing else: within one delivery its own order counts.
    order: `${String(index).padStart(4, "0")}-${message.id}`,
  };
}

const isSender = ({ wa_id, user_id }: Contact, { from, from_user_id }: WhatsAppMessage): boolean =>
  (from !== undefined && wa_id === from) || (from_user_id !== undefined && user_id === from_user_id);
