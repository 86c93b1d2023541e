import * as z from "zod";

const text = z.string().optional();

const userSchema = z.object({
  id: z.number(),
  is_bot: z.boolean().default(false),
  first_name: z.string().default(""),
  last_name: text,
});

const entitySchema = z.object({
  type: z.string(),
  offset: z.number(),
  length: z.number(),
  user: z.object({ id: z.number() }).optional(),
});
export type Entity = z.infer<typeof entitySchema>;

/** The members of a Message that we read: https://core.telegram.org/bots/api#message */
export const messageSchema = z.object({
  message_id: z.number(),
  date: z.number(),
  chat: z.object({ id: z.number(), type: z.string() }),
  from: userSchema.optional(),
  message_thread_id: z.number().optional(),
  is_topic_message: z.boolean().optional(),
  reply_to_message: z.object({ from: userSchema.optional() }).optional(),
  text,
  entities: z.array(entitySchema).default([]),
  caption: text,
  caption_entities: z.array(entitySchema).default([]),
  photo: z.array(z.unknown()).optional(),
  voice: z.object({ duration: z.number() }).optional(),
  audio: z.object({ title: text, file_name: text }).optional(),
  video: z.object({}).optional(),
  video_note: z.object({}).optional(),
  animation: z.object({}).optional(),
  document: z.object({ file_name: text }).optional(),
  sticker: z.object({ emoji: text }).optional(),
  location: z.object({ latitude: z.number(), longitude: z.number() }).optional(),
  venue: z.object({ title: z.string(), address: z.string() }).optional(),
  contact: z.object({ first_name: z.string(), last_name: text, phone_number: z.string() }).optional(),
  poll: z.object({ question: z.string() }).optional(),
  dice: z.object({ emoji: z.string(), value: z.number() }).optional(),
  reply_markup: z
    .object({ inline_keyboard: z.array(z.array(z.object({ text: z.string(), callback_data: text }))).default([]) })
    .optional(),
});
export type TelegramMessage = z.infer<typeof messageSchema>;

/**
 * A pressed button: https://core.telegram.org/bots/api#callbackquery. `data` is missing when it opened a game, `message`
 * when it stood under something that was sent inline; of an old message only chat, id and a `date` of 0 are told.
 */
export const callbackQuerySchema = z.object({
  id: z.string().min(1).max(100),
  from: userSchema,
  message: messageSchema.optional(),
  data: text,
});
export type CallbackQuery = z.infer<typeof callbackQuerySchema>;

/** What a message without text is, in words; undefined for service messages ("joined the group"). */
export function describeMedia(message: TelegramMessage): string | undefined {
  const { voice, audio, document, sticker, location, venue, contact, poll, dice } = message;
  if (message.photo) return "photo";
  if (voice) return `voice message, ${voice.duration} s`;
  if (audio) return named("audio", audio.title ?? audio.file_name);
  // An animation arrives as a document too, a venue as a location too: the more telling one first.
  if (message.animation) return "animation";
  if (message.video) return "video";
  if (message.video_note) return "video message";
  if (document) return named("file", document.file_name);
  if (sticker) return sticker.emoji ? `sticker ${sticker.emoji}` : "sticker";
  if (venue) return `place: ${venue.title}, ${venue.address}`;
  if (location) return `location: ${location.latitude}, ${location.longitude}`;
  if (contact)
    return `contact: ${[contact.first_name, contact.last_name].filter(Boolean).join(" ")}, ${contact.phone_number}`;
  if (poll) return `poll: ${poll.question}`;
  if (dice) return `${dice.emoji} ${dice.value}`;
  return undefined;
}

const named = (kind: string, name: string | undefined) => (name ? `${kind}: ${name}` : kind);
