import { createHash } from "node:crypto";
import * as z from "zod";
import type { Json } from "../../../core/base/json.ts";
import { AslError, runtimeError, ServiceException } from "../errors.ts";
import type { Integration, IntegrationCall } from "./integration.ts";

/** What a nested execution needs of the engine. Times as ISO 8601 text, as they appear in results. */
export interface NestedExecutions {
  /** Throws ServiceException, as StartExecution does. */
  start(machineArn: string, name: string, input: string): Promise<{ executionArn: string; startDate: string }>;
  arnOf(machineArn: string, name: string): string;
  /** Resolves with DescribeExecution's answer, members in capitals, when it has ended. */
  ended(executionArn: string): Promise<NestedResult>;
  stop(executionArn: string): Promise<void>;
}

export interface NestedResult {
  Status: string;
  Output?: string;
  [member: string]: Json | undefined;
}

const pattern = /^arn:aws:states:::states:startExecution(\.sync(?::2)?)?$/;

const startArguments = z.object({
  StateMachineArn: z.string(),
  Input: z.json().optional(),
  Name: z.string().optional(),
});

export const nestedIntegration = (executions: NestedExecutions): Integration => ({
  handles: (resource) => pattern.test(resource),
  call: async (call) => {
    const started = await start(executions, call);
    const mode = pattern.exec(call.resource)?.[1];
    if (mode === undefined) return { ExecutionArn: started.executionArn, StartDate: started.startDate };
    const result = await endedOrStopped(executions, started.executionArn, call.signal);
    if (result.Status !== "SUCCEEDED") throw new AslError("States.TaskFailed", JSON.stringify(result));
    const output = mode === ".sync:2" ? (JSON.parse(result.Output ?? "null") as Json) : (result.Output ?? "");
    return { ...(result as Record<string, Json>), Output: output };
  },
});

/**
 * A name that the definition does not give is derived from the attempt: an attempt repeated after a crash finds the
 * execution that it had started instead of starting a second one.
 */
async function start(executions: NestedExecutions, call: IntegrationCall) {
  const parsed = startArguments.safeParse(call.arguments);
  if (!parsed.success) throw runtimeError("states:startExecution needs a StateMachineArn.");
  const { StateMachineArn, Input = {}, Name } = parsed.data;
  const name = Name ?? createHash("sha256").update(call.attemptId).digest("hex").slice(0, 36);
  const input = typeof Input === "string" ? Input : JSON.stringify(Input);
  try {
    return await executions.start(StateMachineArn, name, input);
  } catch (error) {
    if (!(error instanceof ServiceException)) throw error;
    if (error.name === "ExecutionAlreadyExists" && Name === undefined) {
      const executionArn = executions.arnOf(StateMachineArn, name);
      return { executionArn, startDate: "" };
    }
    throw new AslError(`StepFunctions.${error.name}Exception`, error.message);
  }
}

/** A nested execution that its parent no longer waits for is stopped. */
async function endedOrStopped(executions: NestedExecutions, arn: string, signal: AbortSignal): Promise<NestedResult> {
  const stop = () => void executions.stop(arn).catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await executions.ended(arn);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
