import * as z from "zod";
import { placeSchema } from "../../conversation/place.ts";

/** What starts a review: which turn to look back from. */
export const reviewEventSchema = z.object({
  /** The conversation key; it begins with its profile. */
  conversation: z.string().min(1),
  session: z.string().min(1),
  turn: z.number().int().min(0),
  /** The person asked for it (`/refine`), with a focus or with none: the gates do not apply, and they are told the outcome. */
  focus: z.string().max(1_000).optional(),
  /** Tells one request of theirs from the next. */
  asked: z.string().min(1).optional(),
  /** Where they asked. */
  place: placeSchema.optional(),
});
export type ReviewEvent = z.infer<typeof reviewEventSchema>;

/**
 * Hands a review over to a function of its own. More than once is no harm. It may throw a retryable error; a caller that
 * has delivered its reply should then note that and go on: a review is not worth a turn.
 */
export type StartReview = (event: ReviewEvent) => Promise<void>;
