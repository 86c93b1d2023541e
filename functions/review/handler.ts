import { messageOf } from "../../core/base/errors.ts";
import { reviewEventSchema } from "../../core/learning/review/event.ts";
import { readOnce } from "../../core/learning/review/read-once.ts";
import { runReview, type ReviewStatus } from "../../core/learning/review/run.ts";
import { readEnvironment } from "../compose/environment.ts";
import { composeReview } from "../compose/review.ts";

const { ports, index, remember, noteTurn } = composeReview(readEnvironment());

/**
 * Invoked asynchronously by a step that has delivered: the turn becomes searchable, and is learnt from when that is due.
 * Lambda delivers the event again when this throws; neither does anything twice, and neither waits for the other's success.
 */
export async function handler(given: unknown): Promise<{ status: ReviewStatus }> {
  const event = reviewEventSchema.parse(given);
  // Only a review needs more than the turn itself.
  const mayReview = ports.settings.isOn || event.focus !== undefined;
  const store = mayReview ? readOnce(event, ports.store) : ports.store;
  const [review, indexed, remembered] = await Promise.allSettled([
    runReview(event, { ...ports, store }),
    // What the person asked for by a command is no turn to be found again.
    event.focus === undefined ? index(event, store) : undefined,
    event.focus === undefined ? remember(event, store) : undefined,
    noteTurn(event),
  ]);
  // A memory beside the turn never costs a review.
  if (remembered.status === "rejected") ports.log.error("memory.unavailable", { reason: messageOf(remembered.reason) });
  if (review.status === "rejected") throw review.reason;
  if (indexed.status === "rejected") throw indexed.reason;
  return { status: review.value };
}
