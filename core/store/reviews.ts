import * as z from "zod";
import { assistantMessageSchema, toolMessageSchema } from "../conversation/message.ts";
import { finishSchema } from "../conversation/turn.ts";
import { usageSchema } from "../conversation/usage.ts";
import type { BodyCodec } from "./bodies.ts";
import { reviewKey } from "./keys.ts";
import type { Item, Table } from "./table.ts";

/** One model call of a review and what its tools returned; null while they run, or when their worker died. */
const iterationSchema = z.object({
  assistant: assistantMessageSchema,
  finish: finishSchema,
  usage: usageSchema,
  results: z.array(toolMessageSchema).nullable(),
});
export type Iteration = z.infer<typeof iterationSchema>;

/** What a review changed, by what the ledger says. */
export const resultClassSchema = z.enum(["none", "memory", "skill", "both"]);

const changesSchema = z.array(z.object({ ledger: z.string(), kind: z.enum(["skill", "notebook"]), name: z.string() }));

const reviewBase = z.object({
  turn: z.number(),
  /** The request of a person's that it answers; "" for a review that nobody asked for. */
  asked: z.string(),
  /** The worker that holds it: whoever comes later takes it over, and this one's writes fail from then on. */
  claim: z.string(),
  /** Deliveries of the event that took it up. */
  attempts: z.number(),
  startedAt: z.number(),
  /** What it looks for, and why now. */
  memory: z.boolean(),
  skills: z.boolean(),
  reason: z.string(),
  model: z.string(),
  iterations: z.array(iterationSchema),
  /** Skill files that were read, so that a worker that takes over may change them. */
  reads: z.array(z.string()),
  usage: usageSchema,
});

const outcome = reviewBase.extend({
  result: resultClassSchema,
  changes: changesSchema,
  /** Why it ended: the model had no more to do, its iterations or its time were used up. */
  ended: z.enum(["finished", "iterations", "time"]),
  endedAt: z.number(),
});

export const reviewRecordSchema = z.discriminatedUnion("status", [
  reviewBase.extend({ status: z.literal("running") }),
  /** All is learnt; the notice is being sent, and after a crash whether it was is in doubt. */
  outcome.extend({ status: z.literal("telling"), notice: z.string() }),
  outcome.extend({ status: z.literal("done") }),
  /** Given up for good; `problem` is a code. What was learnt until then stays. */
  reviewBase.extend({ status: z.literal("failed"), problem: z.string(), endedAt: z.number() }),
]);
export type ReviewRecord = z.infer<typeof reviewRecordSchema>;
export type RunningReview = Extract<ReviewRecord, { status: "running" }>;
export type ToldReview = Extract<ReviewRecord, { status: "telling" }>;

/** The reviews of a session: written beside its steps, never into them. */
export interface Reviews {
  get(session: string, turn: number, asked: string): Promise<ReviewRecord | undefined>;
  /** False when there is such a review already. */
  begin(session: string, record: RunningReview): Promise<boolean>;
  /** Takes a review from the worker that had it; false when another one was quicker. */
  takeOver(session: string, record: ReviewRecord, claim: string): Promise<boolean>;
  /** False when the claim of `record` was lost. */
  save(session: string, record: ReviewRecord): Promise<boolean>;
}

export function openReviews(table: Table, bodies: BodyCodec): Reviews {
  const keyOf = (session: string, { turn, asked }: ReviewRecord) => reviewKey(session, turn, asked);

  async function toItem({ status, claim, attempts, ...body }: ReviewRecord): Promise<Item> {
    return { status, claim, attempts, body: await bodies.write(body) };
  }

  async function get(session: string, turn: number, asked: string): Promise<ReviewRecord | undefined> {
    const item = await table.get(reviewKey(session, turn, asked));
    if (!item) return undefined;
    const { body, ...state } = item;
    return reviewRecordSchema.parse({ ...((await bodies.read(body)) as object), ...state });
  }

  const begin: Reviews["begin"] = async (session, record) => table.put(keyOf(session, record), await toItem(record));

  async function takeOver(session: string, record: ReviewRecord, claim: string): Promise<boolean> {
    const changed = await table.change(keyOf(session, record), {
      update: "SET claim = :next ADD attempts :one",
      condition: "claim = :claim",
      values: { ":next": claim, ":claim": record.claim, ":one": 1 },
    });
    return changed !== undefined;
  }

  const save: Reviews["save"] = async (session, record) =>
    table.put(keyOf(session, record), await toItem(record), {
      condition: "claim = :claim",
      values: { ":claim": record.claim },
    });

  return { get, begin, takeOver, save };
}
