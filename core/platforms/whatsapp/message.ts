import * as z from "zod";
import { describedMedia } from "../kit/body.ts";

const text = z.string().optional();
const media = z.object({ caption: text }).optional();
const choice = z.object({ id: text, title: z.string(), description: text }).optional();

/** The members of a message that we read: https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/messages */
export const messageSchema = z.object({
  id: z.string().min(1),
  timestamp: z.string().regex(/^\d{1,12}$/),
  type: z.string(),
  /** The phone number; missing for a person who goes by a user name. */
  from: text,
  /** The business-scoped user id ("US.13491208655302741918"). */
  from_user_id: text,
  group_id: text,
  text: z.object({ body: z.string() }).optional(),
  button: z.object({ text: z.string() }).optional(),
  interactive: z.object({ button_reply: choice, list_reply: choice }).optional(),
  image: media,
  video: media,
  audio: z.object({ voice: z.boolean().optional() }).optional(),
  document: z.object({ filename: text, caption: text }).optional(),
  location: z.object({ latitude: z.number(), longitude: z.number(), name: text, address: text }).optional(),
  contacts: z.array(z.object({ name: z.object({ formatted_name: text }).optional() })).optional(),
});
export type WhatsAppMessage = z.infer<typeof messageSchema>;

/** Notices about messages and people rather than something said. */
const silentTypes = ["reaction", "system", "request_welcome"];

/** The payload of the reply button that was pressed; a list, or a button of a template, is only words to us. */
export const pressedPayload = ({ interactive }: WhatsAppMessage): string | undefined =>
  interactive?.button_reply?.id || undefined;

/** What a person said, media in words; undefined when the message says nothing. */
export function spokenText(message: WhatsAppMessage): string | undefined {
  if (silentTypes.includes(message.type)) return undefined;
  const { interactive, button } = message;
  const chosen = interactive?.button_reply ?? interactive?.list_reply;
  const said = message.text?.body ?? button?.text ?? chosen?.title;
  if (said !== undefined) return said.trim() || undefined;
  const caption = message.image?.caption ?? message.video?.caption ?? message.document?.caption;
  return describedMedia(describe(message), caption);
}

function describe({ type, audio, document, location, contacts }: WhatsAppMessage): string {
  if (type === "image") return "photo";
  if (type === "audio") return audio?.voice ? "voice message" : "audio";
  if (type === "document") return document?.filename ? `file: ${document.filename}` : "file";
  if (location) {
    const place = [location.name, location.address].filter(Boolean).join(", ");
    return `location: ${location.latitude}, ${location.longitude}${place ? ` (${place})` : ""}`;
  }
  if (contacts) return `contact: ${contacts.map(({ name }) => name?.formatted_name ?? "unnamed").join(", ")}`;
  return type === "unsupported" ? "a message of a kind that WhatsApp does not pass on" : type;
}
