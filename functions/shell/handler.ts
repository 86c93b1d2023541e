import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";
import { putIdleToSleep } from "../../core/turn/shell-upkeep.ts";
import { ring } from "../../core/turn/ring.ts";
import { readEnvironment } from "../compose/environment.ts";
import { composeUpkeep } from "../compose/upkeep.ts";
import { toHttpResult, toRawRequest } from "../webhooks/http-event.ts";

/** From EventBridge Scheduler, every minute; else a job rings over HTTP. */
const scheduleSchema = z.object({ task: z.literal("shells") });
const ringSchema = z.object({ event: z.enum(["ended", "matched"]), number: z.number().int().min(0).max(1_000_000) });

const ports = composeUpkeep(readEnvironment());
const statuses = { accepted: 200, unknown: 404, closed: 410, busy: 503 } as const;

export async function handler(event: unknown) {
  if (scheduleSchema.safeParse(event).success) return { asleep: await putIdleToSleep(ports) };
  const request = toRawRequest(event);
  const job = /^\/shell\/jobs\/([A-Za-z0-9_-]{1,64})$/.exec(request.path)?.[1];
  const said = ringSchema.safeParse(parseJson(Buffer.from(request.body).toString("utf8")));
  if (job === undefined || request.method !== "POST")
    return toHttpResult({ status: 404, body: "There is no such job." });
  if (!said.success) return toHttpResult({ status: 400, body: "This is not how a job rings." });
  const answer = await ring({ job, ...said.data }, ports);
  return toHttpResult({ status: statuses[answer], body: answer });
}
