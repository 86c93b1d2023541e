import type { CostRow } from "../../store/costs.ts";
import type { ReviewRecord } from "../../store/reviews.ts";
import { reviewTask, type Learner } from "./ports.ts";

/** The row of the bill for a review as far as it has come. */
export const costRowOf = ({ session, turn }: Learner, record: ReviewRecord): CostRow => ({
  task: reviewTask,
  id: `${session}#${turn}${record.asked === "" ? "" : `#asked#${record.asked}`}`,
  at: record.startedAt,
  model: record.model,
  usage: record.usage,
  session,
  turn,
});
