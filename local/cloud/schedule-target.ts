import { randomUUID } from "node:crypto";
import { logicalFunctionName, scheduleArn } from "./names.ts";
import type { ScheduleRecord } from "./schedule.ts";
import { WireError } from "./wire.ts";

/** The operation of Step Functions, as its wire names the members; `input` is JSON text. */
export interface StartExecution {
  stateMachineArn: string;
  name?: string;
  input?: string;
}

export interface TargetOptions {
  /** Takes an asynchronous invocation of a function. */
  acceptEvent: (name: string, payload: string) => void;
  startExecution: (input: StartExecution) => Promise<unknown>;
}

const lambdaArn = /^arn:aws:lambda:[^:]*:\d*:function:/;
const machineArn = /^arn:aws:states:[^:]*:\d*:stateMachine:/;
const startExecutionTarget = "arn:aws:scheduler:::aws-sdk:sfn:startExecution";

const isSupported = (arn: string): boolean =>
  lambdaArn.test(arn) || machineArn.test(arn) || arn === startExecutionTarget;

/** @throws a ValidationException for a target that this cloud cannot reach. */
export function checkTarget(arn: string): void {
  if (!isSupported(arn)) throw new WireError(400, "ValidationException", `Provided Arn is not supported here: ${arn}`);
}

/** Source: EventBridge Scheduler user guide, "Templated targets", "Universal targets" and "Context attributes". */
export async function deliverToTarget(record: ScheduleRecord, dueMs: number, options: TargetOptions): Promise<void> {
  const { Arn: arn, Input: template = "{}" } = record.definition.Target;
  const input = withContext(template, record, dueMs);
  if (lambdaArn.test(arn)) return options.acceptEvent(logicalFunctionName(arn), input);
  if (machineArn.test(arn)) return void (await options.startExecution({ stateMachineArn: arn, input }));
  await options.startExecution(universalInput(input));
}

function withContext(template: string, { group, name }: ScheduleRecord, dueMs: number): string {
  return template
    .replaceAll("<aws.scheduler.schedule-arn>", scheduleArn(group, name))
    .replaceAll("<aws.scheduler.scheduled-time>", new Date(dueMs).toISOString().replace(/\.\d+Z$/, "Z"))
    .replaceAll("<aws.scheduler.execution-id>", randomUUID())
    .replaceAll("<aws.scheduler.attempt-number>", "1");
}

/** Universal targets take the member names of the service with a capital letter; the wire has them without. */
function universalInput(input: string): StartExecution {
  const given = JSON.parse(input) as { StateMachineArn: string; Name?: string; Input?: string };
  return {
    stateMachineArn: given.StateMachineArn,
    ...(given.Name !== undefined && { name: given.Name }),
    ...(given.Input !== undefined && { input: given.Input }),
  };
}
