/** The API by operation. Inputs are checked here, so the wire and callers in the same process get the same answers. */
import type * as z from "zod";
import { ServiceException } from "../errors.ts";
import * as executions from "./executions.ts";
import * as machines from "./machines.ts";
import type { OperationContext } from "./operation.ts";
import * as tasks from "./tasks.ts";

export type Operations = ReturnType<typeof createOperations>;

/** Members and answers are those of the API; dates are `Date`. Each throws ServiceException. */
export const createOperations = (context: OperationContext) => ({
  createStateMachine: operation(context, machines.createInput, machines.createStateMachine),
  updateStateMachine: operation(context, machines.updateInput, machines.updateStateMachine),
  describeStateMachine: operation(context, machines.machineInput, machines.describeStateMachine),
  listStateMachines: operation(context, machines.listMachinesInput, machines.listStateMachines),
  deleteStateMachine: operation(context, machines.machineInput, machines.deleteStateMachine),
  validateStateMachineDefinition: operation(context, machines.validateInput, machines.validateStateMachineDefinition),
  startExecution: operation(context, executions.startInput, executions.startExecution),
  describeExecution: operation(context, executions.executionInput, executions.describeExecution),
  listExecutions: operation(context, executions.listExecutionsInput, executions.listExecutions),
  getExecutionHistory: operation(context, executions.historyInput, executions.getExecutionHistory),
  stopExecution: operation(context, executions.stopInput, executions.stopExecution),
  sendTaskSuccess: operation(context, tasks.successInput, tasks.sendTaskSuccess),
  sendTaskFailure: operation(context, tasks.failureInput, tasks.sendTaskFailure),
  sendTaskHeartbeat: operation(context, tasks.heartbeatInput, tasks.sendTaskHeartbeat),
});

function operation<Schema extends z.ZodType, Output>(
  context: OperationContext,
  schema: Schema,
  run: (context: OperationContext, input: z.output<Schema>) => Output | Promise<Output>,
): (input: z.input<Schema>) => Promise<Output> {
  return async (input) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return run(context, parsed.data);
    const issue = parsed.error.issues[0];
    const text = `1 validation error detected: '${issue?.path.join(".") ?? ""}': ${issue?.message ?? "invalid"}`;
    throw new ServiceException("ValidationException", text);
  };
}
