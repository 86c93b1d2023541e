import { randomUUID } from "node:crypto";
import * as z from "zod";
import { parseJson } from "../../../core/base/json.ts";
import { ServiceException } from "../errors.ts";
import { historyEvent, isTooLarge, type EventRecord } from "../history.ts";
import { journalId } from "../journal.ts";
import type { ExecutionRow } from "../store.ts";
import { machineOf } from "./machines.ts";
import type { OperationContext } from "./operation.ts";
import { readToken, writeToken } from "./paging.ts";

export const startInput = z.object({
  stateMachineArn: z.string(),
  name: z.string().optional(),
  input: z.string().default("{}"),
});
export const executionInput = z.object({ executionArn: z.string() });
export const stopInput = z.object({
  executionArn: z.string(),
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
});
const page = {
  maxResults: z.number().int().min(0).max(1000).default(0),
  nextToken: z.string().optional(),
};
export const listExecutionsInput = z.object({
  ...page,
  stateMachineArn: z.string(),
  statusFilter: z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]).optional(),
});
export const historyInput = z.object({
  ...page,
  executionArn: z.string(),
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().default(true),
});

const pageSize = (maxResults: number) => (maxResults === 0 ? 100 : maxResults);

/** Idempotent by name and input while it runs; resolves when the start is on disk. */
export async function startExecution(context: OperationContext, input: z.output<typeof startInput>) {
  const machine = machineOf(context, input.stateMachineArn);
  const name = input.name ?? randomUUID();
  context.checkName(name);
  const value = parseJson(input.input);
  if (value === undefined || isTooLarge(input.input))
    throw new ServiceException(
      "InvalidExecutionInput",
      "Invalid State Machine Execution Input: it must be JSON of at most 262,144 bytes",
    );
  const arn = context.arn("execution", `${machine.name}:${name}`);
  const known = context.store.execution(arn);
  if (known) return again(context, known, value);
  const startedAtMs = context.clock.now();
  await context.engine.begin({
    kind: "start",
    arn,
    name,
    machineArn: machine.arn,
    machineName: machine.name,
    roleArn: machine.roleArn,
    definition: machine.definition,
    input: input.input,
    startedAtMs,
  });
  return { executionArn: arn, startDate: new Date(startedAtMs) };
}

async function again(context: OperationContext, known: ExecutionRow, value: unknown) {
  const sameInput = JSON.stringify(parseJson(known.input)) === JSON.stringify(value);
  if (known.status !== "RUNNING" || !sameInput)
    throw new ServiceException("ExecutionAlreadyExists", `Execution Already Exists: '${known.arn}'`);
  await context.journals.sync();
  return { executionArn: known.arn, startDate: new Date(known.startedAtMs) };
}

function executionOf(context: OperationContext, arn: string): ExecutionRow {
  const row = context.store.execution(arn);
  if (row) return row;
  throw new ServiceException("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
}

export function describeExecution(context: OperationContext, { executionArn }: z.output<typeof executionInput>) {
  const row = executionOf(context, executionArn);
  return {
    ...summary(row),
    input: row.input,
    ...(row.output !== null && { output: row.output }),
    ...(row.error !== null && { error: row.error }),
    ...(row.cause !== null && { cause: row.cause }),
  };
}

export function listExecutions(context: OperationContext, input: z.output<typeof listExecutionsInput>) {
  machineOf(context, input.stateMachineArn);
  const limit = pageSize(input.maxResults);
  const after = z.object({ startedAtMs: z.number(), arn: z.string() }).optional().parse(readToken(input.nextToken));
  const query = { machineArn: input.stateMachineArn, status: input.statusFilter, limit: limit + 1, after };
  const rows = context.store.executions(query);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    executions: shown.map(summary),
    ...(last && rows.length > limit && { nextToken: writeToken({ startedAtMs: last.startedAtMs, arn: last.arn }) }),
  };
}

/** Empty for an execution that ended long ago: only the latest histories are kept. */
export function getExecutionHistory(context: OperationContext, input: z.output<typeof historyInput>) {
  executionOf(context, input.executionArn);
  const events = (context.journals.read(journalId(input.executionArn)) as { kind: string }[]).filter(
    (record): record is EventRecord => record.kind === "event",
  );
  if (input.reverseOrder) events.reverse();
  const from = z
    .number()
    .int()
    .parse(readToken(input.nextToken) ?? 0);
  const to = from + pageSize(input.maxResults);
  return {
    events: events.slice(from, to).map(historyEvent),
    ...(to < events.length && { nextToken: writeToken(to) }),
  };
}

export async function stopExecution(context: OperationContext, input: z.output<typeof stopInput>) {
  const row = executionOf(context, input.executionArn);
  const { error, cause } = input;
  await context.engine.stop(row.arn, {
    status: "ABORTED",
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  });
  return { stopDate: new Date(executionOf(context, row.arn).stoppedAtMs ?? context.clock.now()) };
}

const summary = (row: ExecutionRow) => ({
  executionArn: row.arn,
  stateMachineArn: row.machineArn,
  name: row.name,
  status: row.status,
  startDate: new Date(row.startedAtMs),
  ...(row.stoppedAtMs !== null && { stopDate: new Date(row.stoppedAtMs) }),
});
