import * as z from "zod";
import { retryable } from "../../core/base/errors.ts";
import { curate, type Outcome } from "../../core/learning/curator/run.ts";
import { composeCurator } from "../compose/curator.ts";
import { readEnvironment } from "../compose/environment.ts";

/** From EventBridge Scheduler a few times a day (the gates let one run a week begin), or asked for by the owner. */
const eventSchema = z.object({
  task: z.literal("curate"),
  manual: z.boolean().default(false),
  dry: z.boolean().default(false),
});

/** Three minutes before Lambda ends the function no new question is begun. */
const workMs = 12 * 60_000;

const ports = composeCurator(readEnvironment());

export async function handler(event: unknown): Promise<Outcome> {
  const { manual, dry } = eventSchema.parse(event);
  const outcome = await curate(ports, { isManual: manual, isDry: dry, until: ports.clock.now() + workMs });
  // Lambda delivers the event again, and the run goes on.
  if (outcome.status === "unfinished") throw retryable("The run needs more time.", { code: "curator.unfinished" });
  return outcome;
}
