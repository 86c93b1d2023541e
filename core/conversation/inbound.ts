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
  /** The payload of the button that was pressed; `text` is then its label, or empty where the platform does not say it. */
  pressed: z.string().optional(),
  /** Not said by anybody: a job rang. `tell`: it is news for the model; else it only wakes the call that waits for it. */
  rang: z.object({ job: z.string(), tell: z.boolean() }).optional(),
  /** When it was sent, by the platform's clock: milliseconds since 1970. */
  sentAt: z.number(),
  /** Breaks ties of `sentAt` within a conversation: a text that sorts like the platform's own order. */
  order: z.string(),
});
export type Inbound = z.infer<typeof inboundSchema>;
