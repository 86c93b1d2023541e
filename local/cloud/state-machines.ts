import type { Clock } from "../../core/base/clock.ts";
import { parseJson, type Json } from "../../core/base/json.ts";
import type { Manifest } from "../../stacks/manifest.ts";
import { createStepFunctions, type InvokeLambda, type Operations, type StatusChange } from "../step-functions/index.ts";
import { backgroundClock } from "./clock.ts";
import { isDiskFull, type DiskReport } from "./disk-report.ts";
import type { EventQueue } from "./event-queue.ts";
import type { LambdaService } from "./lambda.ts";
import { account, functionArn, machineArn, region, resourceName } from "./names.ts";
import { isFailure, statusChangeEvent } from "./status-change.ts";
import type { Handle } from "./wire.ts";

export interface StateMachineOptions {
  folder: string;
  manifest: Manifest;
  lambda: LambdaService;
  events: EventQueue;
  report: DiskReport;
  clock: Clock | undefined;
  /** Where this cloud's services are; asked when one is called. */
  environment: () => Record<string, string>;
}

/** The engine with the manifest's machines in it. */
export interface StateMachines {
  handle: Handle;
  /** The operations of the service without HTTP. */
  operations: Operations;
  /** Takes up the executions that an earlier process left; functions must be ready to be invoked. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function openStateMachines(options: StateMachineOptions): Promise<StateMachines> {
  const { folder, manifest, events, report, clock, environment } = options;
  const closing = new AbortController();
  const engine = createStepFunctions({
    folder,
    region,
    account,
    clock,
    aws: environment,
    invokeLambda: invokeLambda(options),
    watchWrite: (write) => report.watch("turns", write),
    onStatusChange: (change) => onceThereIsRoom(() => tellOfFailure(change, manifest, events), closing.signal),
  });
  try {
    await putMachines(engine.operations, manifest);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return {
    handle: engine.handle,
    operations: engine.operations,
    start: async () => void (await engine.start()),
    close: () => {
      closing.abort();
      return engine.close();
    },
  };
}

/** A definition that changed since the last start replaces the old one; running executions keep theirs. */
async function putMachines(operations: Operations, { machines, functions, tables }: Manifest): Promise<void> {
  const resources = {
    functions: Object.fromEntries(Object.keys(functions).map((name) => [name, functionArn(name)])),
    tables: Object.fromEntries(Object.keys(tables).map((name) => [name, resourceName(name)])),
  };
  const { stateMachines } = await operations.listStateMachines({});
  for (const [name, spec] of Object.entries(machines)) {
    const definition = JSON.stringify(spec.definition(resources));
    if (stateMachines.some((machine) => machine.name === resourceName(name))) {
      await operations.updateStateMachine({ stateMachineArn: machineArn(name), definition });
    } else {
      await operations.createStateMachine({ name: resourceName(name), definition });
    }
  }
}

/** As the service calls a function: no wire in between, so it is not counted as a call of ours. */
const invokeLambda =
  ({ lambda, events }: StateMachineOptions): InvokeLambda =>
  async (functionName, payload, { invocationType }) => {
    if (invocationType === "DryRun") return { payload: null, statusCode: 204 };
    if (invocationType === "Event") {
      events.accept(functionName, JSON.stringify(payload));
      return { payload: null, statusCode: 202 };
    }
    const result = await lambda.invoke(functionName, JSON.stringify(payload));
    if ("error" in result) return { payload: { ...result.error }, functionError: "Unhandled" };
    return { payload: (parseJson(result.payload) ?? null) as Json };
  };

const diskRetryMs = 1_000;

/** An event that the disk did not take would be lost. When the cloud closes first, the next start tells it again. */
async function onceThereIsRoom(tell: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      return tell();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      await backgroundClock.sleep(diskRetryMs, signal);
    }
  }
}

/** The rule that a deployment makes for a machine with `onFailure`. */
function tellOfFailure(change: StatusChange, manifest: Manifest, events: EventQueue): void {
  if (!isFailure(change)) return;
  for (const [name, spec] of Object.entries(manifest.machines)) {
    if (spec.onFailure === undefined || machineArn(name) !== change.stateMachineArn) continue;
    events.accept(spec.onFailure, JSON.stringify(statusChangeEvent(change)));
  }
}
