import * as z from "zod";
import { assistantMessageSchema, toolMessageSchema, userMessageSchema } from "./message.ts";
import { placeSchema } from "./place.ts";
import { usageSchema } from "./usage.ts";

/** Why the model stopped; `notice` marks text that we wrote ourselves (a report, an answer to a command). */
export const finishSchema = z.enum(["stop", "tool-calls", "length", "content-filter", "notice"]);
export type Finish = z.infer<typeof finishSchema>;

/** A call that waits, as its tool left it (tools/tool.ts, `Wait`). */
export const waitRecordSchema = z.object({
  callId: z.string(),
  state: z.json(),
  until: z.number(),
  question: z
    .object({ id: z.string(), text: z.string(), choices: z.array(z.object({ id: z.string(), label: z.string() })) })
    .optional(),
  /**
   * The message that asks the question: absent before it is sent. `sending`: it was about to be, and whether it was is
   * not known until its id is saved.
   */
  asked: z
    .discriminatedUnion("status", [
      z.object({ status: z.literal("sending") }),
      /** `before`: keys of what was in the queue by then, which cannot be an answer. */
      z.object({ status: z.literal("sent"), id: z.string(), before: z.array(z.string()).default([]) }),
    ])
    .optional(),
  /** The answer, once a worker has taken it up. */
  answered: z.object({ choice: z.string().optional(), text: z.string(), who: z.string() }).optional(),
  /** How often in a row looking at it failed. */
  failures: z.number().default(0),
});
export type WaitRecord = z.infer<typeof waitRecordSchema>;

/**
 * One model call and the tool calls it asked for: what was said to the model since the step before, what it answered,
 * and what the tools returned. Exactly what was sent, so that a replay is byte-identical.
 */
const stepBase = z.object({
  turn: z.number(),
  step: z.number(),
  /** What the person (or the runner) said before this step; null between a tool result and the next call. */
  input: userMessageSchema.nullable(),
  /**
   * What the person said, where the model was sent something else: skills that were called by name, a reminder of ours.
   * Absent: `input`, without what a memory recalled for it (said.ts).
   */
  said: z.string().optional(),
  /** Keys of the inbox messages that became `input`: having them here is what consumes them. */
  inbox: z.array(z.string()),
  /** Where the newest of those messages came from: the reply goes there. */
  place: placeSchema.nullable(),
  /** Who sent it, by the platform's id: the one who may answer the questions of this turn. */
  sender: z.string().optional(),
  assistant: assistantMessageSchema,
  finish: finishSchema,
  usage: usageSchema,
  model: z.string(),
  at: z.number(),
  /** Time that a function worked on this step, and time that the step waited without one: milliseconds. */
  activeMs: z.number().default(0),
  waitedMs: z.number().default(0),
});

export const stepRecordSchema = z.discriminatedUnion("status", [
  /**
   * The tools run, ran when their worker died, or wait. Only the worker that holds the claim may run them or save results.
   * Calls of `begun` that have no result are in doubt once their worker is gone; calls that are in none of the three
   * lists have not been begun.
   */
  stepBase.extend({
    status: z.literal("open"),
    claim: z.string(),
    begun: z.array(z.string()).default([]),
    results: z.array(toolMessageSchema).default([]),
    waits: z.array(waitRecordSchema).default([]),
    /** Since when it waits; null while somebody works on it. */
    parkedAt: z.number().nullable().default(null),
    /** Keys of commands that the platform did not let us answer: no reason to wake, and left in the queue until they are. */
    postponed: z.array(z.string()).optional(),
  }),
  stepBase.extend({ status: z.literal("closed"), results: z.array(toolMessageSchema) }),
]);
export type StepRecord = z.infer<typeof stepRecordSchema>;
export type OpenStep = Extract<StepRecord, { status: "open" }>;
export type ClosedStep = Extract<StepRecord, { status: "closed" }>;

export const outcomeSchema = z.enum(["answered", "stopped", "refused", "abandoned"]);
export type Outcome = z.infer<typeof outcomeSchema>;

/**
 * A message that shows the reply while it is written. `creating`: it was about to be sent, and whether it was is not
 * known until its id is saved.
 */
const draftSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("creating") }),
  z.object({ status: z.literal("created"), id: z.string() }),
]);

const turnBase = z.object({ turn: z.number(), startedAt: z.number(), draft: draftSchema.nullable() });

/** What is owed to the person: written before the first part is sent, so a crash cannot forget it. */
const obligation = turnBase.extend({
  outcome: outcomeSchema,
  owedAt: z.number(),
  place: placeSchema,
  /** The whole reply as Markdown. */
  reply: z.string(),
  /** Keys of every inbox message that this turn consumed. */
  inbox: z.array(z.string()),
  /** Shown below its last part, where the platform has buttons enough. */
  buttons: z.array(z.object({ payload: z.string(), label: z.string() })).optional(),
  /** `/new`: the session that the conversation goes on with. */
  nextSession: z.string().optional(),
  /** Platform ids of the parts that were sent, in order. */
  sent: z.array(z.string()),
  usage: usageSchema,
  steps: z.number(),
  /** Of the whole turn: what functions are billed for, and what nobody is. */
  activeMs: z.number().default(0),
  waitedMs: z.number().default(0),
});

export const turnRecordSchema = z.discriminatedUnion("status", [
  turnBase.extend({ status: z.literal("running") }),
  /** Part number `sent.length` is being sent by the holder of `claim`; after a crash it is in doubt. Nobody: "". */
  obligation.extend({ status: z.literal("delivering"), claim: z.string() }),
  obligation.extend({ status: z.literal("delivered"), deliveredAt: z.number() }),
  /** The platform refused the reply for good; `reason` says why. */
  obligation.extend({ status: z.literal("undeliverable"), reason: z.string() }),
]);
export type TurnRecord = z.infer<typeof turnRecordSchema>;
export type RunningTurn = Extract<TurnRecord, { status: "running" }>;
export type OwedTurn = Extract<TurnRecord, { status: "delivering" }>;
