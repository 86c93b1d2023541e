import * as z from "zod";
import { errorNames } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import { parseJson } from "../base/json.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { UserMessage } from "../conversation/message.ts";
import { handOver } from "./after-turn.ts";
import { conclude, isOwed, resume } from "./conclude.ts";
import { finish } from "./finish.ts";
import { courseOf } from "../agent/course.ts";
import { resultsOf } from "../agent/history.ts";
import { drain, loadTurn, type Turn } from "./load.ts";
import type { AbandonInput } from "./machine.ts";
import { planStep } from "./plan.ts";
import type { DeliveryPorts } from "./ports.ts";
import { notice } from "./notice.ts";
import { saveStep } from "./take-step.ts";

const lambdaFailureSchema = z.object({ errorMessage: z.string() });

/** Lambda wraps an error's message in JSON; ours are written for the person. */
function messageIn(cause: string): string {
  const parsed = lambdaFailureSchema.safeParse(parseJson(cause));
  return parsed.success ? parsed.data.errorMessage : cause;
}

/** What the person is told. Only our own errors are quoted: other texts may hold what is not for them. */
export function reportOf({ error, cause }: Pick<AbandonInput, "error" | "cause">): string {
  const kept = "Nothing you sent is lost: say “go on” and I will take it up from there.";
  if (error === errorNames.refused) return messageIn(cause);
  if (error === errorNames.retryable) return `${messageIn(cause)} I tried several times. ${kept}`;
  return `Something broke on my side while I was working on this (${error}). ${kept}`;
}

/**
 * The end of a turn that could not reach its own: what was asked stays in the history together with the report, the
 * person is told, the conversation is let go. Messages that came later start their own turn. What was said is handed over
 * as after any other turn, so that it is found again.
 */
export async function abandonTurn(input: AbandonInput, ports: DeliveryPorts): Promise<void> {
  const { conversation, session, turn: number } = input;
  const turn = await loadTurn({ conversation, session, turn: number }, newId("claim"), ports);
  ports.log.error("turn.abandoned", { conversation, session, turn: number, error: input.error });
  await end(turn, input, ports);
  await handOver(turn, ports);
}

async function end(turn: Turn, input: AbandonInput, ports: DeliveryPorts): Promise<void> {
  if (isOwed(turn.record) || turn.isOver) return resume(turn, ports);
  await closeLastStep(turn, ports);
  const course = courseOf(turn.steps);
  if (course.kind === "answered" && turn.place)
    return conclude(turn, { text: course.text, outcome: "answered", place: turn.place }, ports);
  const said = saidBefore(turn, await drain(turn, ports));
  const place = said.messages.at(-1)?.place ?? turn.place;
  if (!place) return finish(turn.input, { inbox: [] }, ports);
  const text = reportOf(input);
  await saveStep(turn, notice(turn, said, text, ports.clock.now()), ports);
  await conclude(turn, { text, outcome: "abandoned", place }, ports);
}

/**
 * What this turn would have taken. Never nothing while something waits and no step was saved: the turn that follows
 * would meet the same message and the same end, for ever.
 */
function saidBefore(turn: Turn, pending: Inbound[]): { messages: Inbound[]; input?: UserMessage } {
  const plan = planStep(pending, true);
  const isStuck = plan.messages.length === 0 && turn.steps.length === 0;
  return isStuck ? { messages: pending.slice(0, 1) } : plan;
}

const jobSchema = z.object({ job: z.string() });

async function tellOfJob(state: unknown, { doors }: DeliveryPorts["store"]): Promise<void> {
  const waited = jobSchema.safeParse(state);
  const door = waited.success ? await doors.find(waited.data.job) : undefined;
  if (waited.success && door?.rings === "wake") await doors.open(waited.data.job, { ...door, rings: "tell" });
}

/** An open step would leave calls without results in the history. */
async function closeLastStep(turn: Turn, { store }: DeliveryPorts): Promise<void> {
  const last = turn.steps.at(-1);
  if (last?.status !== "open") return;
  const results = resultsOf(last);
  const { activeMs } = last;
  // A command that the turn waited for goes on: its end becomes news.
  for (const { state } of last.waits) await tellOfJob(state, store);
  if (!(await store.steps.close(turn.input.session, last, { results, activeMs }))) return;
  const { claim: _claim, begun: _begun, waits: _waits, parkedAt: _parkedAt, ...common } = last;
  turn.steps[turn.steps.length - 1] = { ...common, status: "closed", results };
}
