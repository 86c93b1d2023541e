import { Cron } from "croner";
import * as z from "zod";
import { messageOf } from "../../core/base/errors.ts";
import { WireError } from "./wire.ts";

/** What CreateSchedule and UpdateSchedule take, as far as this cloud acts on it; the rest is kept and given back. */
export const scheduleInput = z.looseObject({
  ScheduleExpression: z.string(),
  /** An IANA name; UTC when absent. It counts for cron(…) and at(…). */
  ScheduleExpressionTimezone: z.string().optional(),
  State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  /** Seconds since 1970, as the wire gives them. */
  StartDate: z.number().optional(),
  EndDate: z.number().optional(),
  ActionAfterCompletion: z.enum(["NONE", "DELETE"]).default("NONE"),
  FlexibleTimeWindow: z.looseObject({ Mode: z.enum(["OFF", "FLEXIBLE"]) }),
  Target: z.looseObject({ Arn: z.string(), RoleArn: z.string(), Input: z.string().optional() }),
});

export type ScheduleInput = z.infer<typeof scheduleInput>;

export const scheduleRecord = z.object({
  name: z.string(),
  group: z.string(),
  definition: scheduleInput,
  createdAtMs: z.number(),
  modifiedAtMs: z.number(),
  /** Every due time up to here has been delivered or skipped. */
  handledUntilMs: z.number(),
});

export type ScheduleRecord = z.infer<typeof scheduleRecord>;

/**
 * The first due time after `afterMs`, or `undefined` when there is none any more. Rates count from the start date, or
 * from when the schedule was made.
 *
 * @throws a ValidationException for an expression that Scheduler would not take.
 */
export function nextDueMs({ definition, createdAtMs }: ScheduleRecord, afterMs: number): number | undefined {
  const startMs = definition.StartDate === undefined ? undefined : definition.StartDate * 1000;
  // A due time at the very start counts, so we look from just before it.
  const fromMs = startMs === undefined ? afterMs : Math.max(afterMs, startMs - 1);
  const dueMs = expressionDueMs(definition, startMs ?? createdAtMs, fromMs);
  const endMs = definition.EndDate === undefined ? Infinity : definition.EndDate * 1000;
  return dueMs !== undefined && dueMs <= endMs ? dueMs : undefined;
}

function expressionDueMs(definition: ScheduleInput, anchorMs: number, afterMs: number): number | undefined {
  const expression = definition.ScheduleExpression;
  const timezone = definition.ScheduleExpressionTimezone ?? "UTC";
  const [, kind, body = ""] = /^(rate|cron|at)\((.+)\)$/.exec(expression) ?? [];
  if (kind === "rate") return rateDueMs(body, anchorMs, afterMs);
  if (kind === "cron") return cronDueMs(body, timezone, afterMs);
  if (kind === "at") return atDueMs(body, timezone, afterMs);
  throw invalid(expression);
}

const invalid = (expression: string, why = "") =>
  new WireError(400, "ValidationException", `Invalid Schedule Expression ${expression}. ${why}`.trim());

const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function rateDueMs(body: string, anchorMs: number, afterMs: number): number {
  const [, count, unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(body) ?? [];
  const periodMs = Number(count) * (unitMs[unit] ?? 0);
  if (!(periodMs > 0)) throw invalid(`rate(${body})`);
  return anchorMs + periodMs * Math.max(1, Math.floor((afterMs - anchorMs) / periodMs) + 1);
}

/** Six fields: minute, hour, day of month, month, day of week (1 is Sunday), year. */
function cronDueMs(body: string, timezone: string, afterMs: number): number | undefined {
  const fields = body.trim().split(/\s+/);
  const [, , dayOfMonth, , dayOfWeek] = fields;
  // Scheduler wants exactly one of the two days left open.
  if (fields.length !== 6 || (dayOfMonth === "?") === (dayOfWeek === "?")) throw invalid(`cron(${body})`);
  const pattern = fields
    .map((field) => (field === "?" ? "*" : field))
    .map((field, index) =>
      // `6L` is the last Friday; croner writes it `6#L`.
      index === 4 ? field.replace(/^(\w+)L$/, "$1#L") : field,
    );
  const options = { paused: true, timezone, alternativeWeekdays: true, sloppyRanges: true } as const;
  return orInvalid(`cron(${body})`, () =>
    new Cron(`0 ${pattern.join(" ")}`, options).nextRun(new Date(afterMs))?.getTime(),
  );
}

function atDueMs(body: string, timezone: string, afterMs: number): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body)) throw invalid(`at(${body})`);
  const dueMs = orInvalid(`at(${body})`, () => new Cron(body, { paused: true, timezone }).getOnce()?.getTime());
  return dueMs !== undefined && dueMs > afterMs ? dueMs : undefined;
}

function orInvalid<Result>(expression: string, compute: () => Result): Result {
  try {
    return compute();
  } catch (error) {
    throw invalid(expression, messageOf(error));
  }
}
