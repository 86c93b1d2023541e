import * as z from "zod";

/**
 * Where a conversation happens, in the platform's own ids, and how to answer there.
 * The adapter that parsed the message made it and is the only one that reads `chat`, `thread` and `replyTo`.
 */
export const placeSchema = z.object({
  platform: z.string(),
  /** Slack's team, WhatsApp's phone number id; absent where a bot token has a single home. */
  workspace: z.string().optional(),
  chat: z.string(),
  thread: z.string().optional(),
  kind: z.enum(["direct", "group"]),
  /** The message that is answered, where the platform shows it (a quoted message, a reply token). */
  replyTo: z.string().optional(),
});
export type Place = z.infer<typeof placeSchema>;

/** A person on one platform: the platform's user id, and the name to address them by when it is known. */
export const senderSchema = z.object({ id: z.string(), name: z.string().optional() });
