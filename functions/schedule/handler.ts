import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";
import { openActivity } from "../../core/store/activity.ts";
import { mend, sweep, type SweepPorts } from "../../core/turn/sweep.ts";
import { composeDelivery } from "../compose/delivery.ts";
import { readEnvironment } from "../compose/environment.ts";
import { sdkAws } from "../compose/sdk-aws.ts";

/** From EventBridge Scheduler, or from the rule on executions that failed, timed out or were aborted. */
const eventSchema = z.union([
  z.object({ task: z.literal("sweep") }),
  z.object({ detail: z.object({ input: z.string() }) }),
]);
const turnSchema = z.object({ conversation: z.string(), session: z.string(), turn: z.number() });

const { ports, table, executions } = composeDelivery(readEnvironment(), "schedule", sdkAws());
const sweepPorts: SweepPorts = {
  ...ports,
  execution: executions.state,
  keepWaiting: executions.beat,
  noteTurn: (profile) => openActivity(table, profile, () => ports.clock.now()).noteTurn(),
};

export async function handler(event: unknown): Promise<{ mended: number }> {
  const parsed = eventSchema.parse(event);
  if ("task" in parsed) return { mended: await sweep(sweepPorts) };
  const turn = turnSchema.parse(parseJson(parsed.detail.input));
  const lease = await ports.store.leases.current(turn.conversation);
  const isStuck = lease?.held && lease.turn === turn.turn;
  return { mended: isStuck && (await mend(lease, sweepPorts)) ? 1 : 0 };
}
