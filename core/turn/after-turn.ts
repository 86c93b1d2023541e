import { messageOf } from "../base/errors.ts";
import { courseOf } from "../agent/course.ts";
import type { Turn } from "./load.ts";
import type { DeliveryPorts } from "./ports.ts";

/**
 * After the person has their answer: hands the turn over to functions/review, which indexes it for search and decides
 * whether there is something to learn from it. Never throws. Starting it twice is no harm.
 */
export async function handOver(turn: Turn, { startReview, log }: DeliveryPorts): Promise<void> {
  const { conversation, session, turn: number } = turn.input;
  if (!turn.session || turn.steps.length === 0 || courseOf(turn.steps).kind !== "answered") return;
  try {
    await startReview({ conversation, session, turn: number });
  } catch (error) {
    log.warn("review.not-started", { session, turn: number, error: messageOf(error) });
  }
}
