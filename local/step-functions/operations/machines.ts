import * as z from "zod";
import { ServiceException } from "../errors.ts";
import type { MachineRow } from "../store.ts";
import { parseDefinition } from "../validate.ts";
import { readToken, writeToken } from "./paging.ts";
import type { OperationContext } from "./operation.ts";

export const createInput = z.object({
  name: z.string(),
  definition: z.string(),
  roleArn: z.string().default("arn:aws:iam::000000000000:role/local"),
  type: z.enum(["STANDARD", "EXPRESS"]).default("STANDARD"),
});
export const updateInput = z.object({
  stateMachineArn: z.string(),
  definition: z.string().optional(),
  roleArn: z.string().optional(),
});
export const machineInput = z.object({ stateMachineArn: z.string() });
export const listMachinesInput = z.object({
  maxResults: z.number().int().min(0).max(1000).default(0),
  nextToken: z.string().optional(),
});
export const validateInput = z.object({ definition: z.string() });

/** The machine; throws StateMachineDoesNotExist. */
export function machineOf(context: OperationContext, arn: string): MachineRow {
  const machine = context.store.machine(arn);
  if (machine) return machine;
  throw new ServiceException("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
}

/** The same again is answered as the first time; another definition under a taken name is refused. */
export function createStateMachine(context: OperationContext, input: z.output<typeof createInput>) {
  const { name, definition, roleArn, type } = input;
  if (type === "EXPRESS")
    throw new ServiceException("StateMachineTypeNotSupported", "Only STANDARD state machines are supported");
  context.checkName(name);
  parseDefinition(definition);
  const arn = context.arn("stateMachine", name);
  const known = context.store.machine(arn);
  if (known && (known.definition !== definition || known.roleArn !== roleArn))
    throw new ServiceException("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
  const nowMs = context.clock.now();
  if (!known)
    context.store.putMachine({ arn, name, roleArn, type, definition, createdAtMs: nowMs, updatedAtMs: nowMs });
  return { stateMachineArn: arn, creationDate: new Date(known?.createdAtMs ?? nowMs) };
}

/** Executions that already run keep the definition they began with. */
export function updateStateMachine(context: OperationContext, input: z.output<typeof updateInput>) {
  const machine = machineOf(context, input.stateMachineArn);
  if (input.definition === undefined && input.roleArn === undefined)
    throw new ServiceException("MissingRequiredParameter", "Either the definition or the roleArn must be specified");
  if (input.definition !== undefined) parseDefinition(input.definition);
  const updatedAtMs = context.clock.now();
  context.store.putMachine({
    ...machine,
    definition: input.definition ?? machine.definition,
    roleArn: input.roleArn ?? machine.roleArn,
    updatedAtMs,
  });
  return { updateDate: new Date(updatedAtMs) };
}

export function describeStateMachine(context: OperationContext, input: z.output<typeof machineInput>) {
  const { definition, roleArn, ...machine } = machineOf(context, input.stateMachineArn);
  return { ...summary(machine), status: "ACTIVE" as const, definition, roleArn };
}

export function listStateMachines(context: OperationContext, input: z.output<typeof listMachinesInput>) {
  const limit = input.maxResults === 0 ? 100 : input.maxResults;
  const after = z.string().parse(readToken(input.nextToken) ?? "");
  const rows = context.store.machines(after, limit + 1);
  const page = rows.slice(0, limit);
  return {
    stateMachines: page.map(summary),
    ...(rows.length > limit && { nextToken: writeToken(page.at(-1)?.name) }),
  };
}

/** What already runs goes on to its end. */
export function deleteStateMachine(context: OperationContext, input: z.output<typeof machineInput>) {
  context.store.deleteMachine(input.stateMachineArn);
  return {};
}

export function validateStateMachineDefinition(_: OperationContext, input: z.output<typeof validateInput>) {
  try {
    parseDefinition(input.definition);
    return { result: "OK" as const, diagnostics: [], truncated: false };
  } catch (error) {
    if (!(error instanceof ServiceException)) throw error;
    const diagnostic = { severity: "ERROR" as const, code: "SCHEMA_VALIDATION_FAILED", message: error.message };
    return { result: "FAIL" as const, diagnostics: [diagnostic], truncated: false };
  }
}

const summary = (machine: Pick<MachineRow, "arn" | "name" | "type" | "createdAtMs">) => ({
  stateMachineArn: machine.arn,
  name: machine.name,
  type: machine.type === "EXPRESS" ? ("EXPRESS" as const) : ("STANDARD" as const),
  creationDate: new Date(machine.createdAtMs),
});
