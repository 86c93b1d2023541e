import * as z from "zod";
import { placeSchema, senderSchema } from "./place.ts";

/** A message as it arrived: what an adapter's `parse` returns and what the inbox stores. */
export const inboundSchema = z.object({
  /**
   * Unique for this message on its platform and equal for every delivery of it, whichever way it came
   * (Slack sends a mention twice under two event ids: channel and `ts` are its key).
   */
  key: z.string().min(1).max(512),
  place: placeSchema,
  sender: senderSchema,
  text: z.string(),
  /** When it was sent, by the platform's clock: milliseconds since 1970. */
  sentAt: z.number(),
  /** Breaks ties of `sentAt` within a conversation: a text that sorts like the platform's own order. */
  order: z.string(),
});
export type Inbound = z.infer<typeof inboundSchema>;
