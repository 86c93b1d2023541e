/** One visit of one state by one thread, and what every kind of state needs for it. */
import type { HistoryEventType } from "@aws-sdk/client-sfn";
import type { Clock } from "../../core/base/clock.ts";
import type { Json } from "../../core/base/json.ts";
import type { Assignments, Flow, State, Template } from "./definition.ts";
import { AslError, queryError } from "./errors.ts";
import type { Evaluate, States, Variables } from "./evaluate.ts";
import type { Execution } from "./execution.ts";
import { isTooLarge, type EventDetails } from "./history.ts";
import type { CallIntegration } from "./integrations/integration.ts";
import type { Path, Progress } from "./progress.ts";
import { throwIfCancelled } from "./timing.ts";
import type { Tokens } from "./tokens.ts";

/** What threads work with, the same for all executions. */
export interface Services {
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  evaluate: Evaluate;
  tokens: Tokens;
  call: CallIntegration;
  runFlow: RunFlow;
}

/**
 * Runs a thread to the end of its flow and resolves with the flow's output: from the start with `begin`, without it
 * from where the thread is.
 */
export type RunFlow = (thread: Thread, flow: Flow, begin?: { input: Json; variables: Variables }) => Promise<Json>;

/** The main flow of an execution, or one branch of a Map or Parallel. */
export interface Thread {
  execution: Execution;
  services: Services;
  path: Path;
  /** Aborts when the execution ends or a sibling fails. */
  signal: AbortSignal;
  /** What surrounding states add to the context object: `Map.Item` inside a Map. */
  scope: Record<string, Json>;
  /** The history event that the next one of this thread follows. */
  lastEventId: number;
}

export interface Visit<S extends State = State> {
  thread: Thread;
  name: string;
  state: S;
  progress: Progress;
}

/** What a state did: where to go (undefined: nowhere, the flow ends), with which data. */
export interface Outcome {
  next: string | undefined;
  output: Json;
  variables: Variables;
}

/** Writes an event into the history of a thread. */
export function recordEvent(thread: Thread, type: HistoryEventType, details?: EventDetails): void {
  throwIfCancelled(thread.signal);
  const event = thread.execution.event(type, thread.lastEventId, details);
  thread.lastEventId = event.id;
  thread.execution.write(event);
}

const iso = (ms: number) => new Date(ms).toISOString();

/** `$states.context`. Source: Step Functions developer guide, "Accessing execution data from the Context object". */
export function contextOf(visit: Visit): Record<string, Json> {
  const { start, input } = visit.thread.execution;
  const { progress } = visit;
  return {
    Execution: {
      Id: start.arn,
      Input: input,
      Name: start.name,
      RoleArn: start.roleArn,
      StartTime: iso(start.startedAtMs),
    },
    State: {
      Name: visit.name,
      EnteredTime: iso(progress.enteredAtMs),
      RetryCount: progress.retryCounts.reduce((sum, count) => sum + count, 0),
    },
    StateMachine: { Id: start.machineArn, Name: start.machineName },
    ...(progress.token && { Task: { Token: progress.token.token } }),
    ...visit.thread.scope,
  };
}

/** The value of a template at this state; `extra` is what `$states` holds beside input and context. */
export const evaluateIn = (visit: Visit, template: Template, extra: Partial<States> = {}): Promise<Json> =>
  visit.thread.services.evaluate(
    template,
    { input: visit.progress.input, context: contextOf(visit), ...extra },
    visit.progress.variables,
  );

/** Like `evaluateIn`, for a field that must be a whole number of at least 0. */
export async function evaluateNumber(visit: Visit, field: string, template: number | string): Promise<number> {
  const value = await evaluateIn(visit, template);
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw queryError(`The field '${field}' of state '${visit.name}' must be a whole number of at least 0.`);
}

interface Finish {
  next: string | undefined;
  /** The output when the state has no Output. */
  value: Json;
  output: Template | undefined;
  assign: Assignments | undefined;
  extra?: Partial<States>;
}

/** Output and Assign both see the variables as they were before either. */
export async function finish(visit: Visit, options: Finish): Promise<Outcome> {
  const [output, assigned] = await Promise.all([
    options.output === undefined ? options.value : evaluateIn(visit, options.output, options.extra),
    options.assign === undefined ? {} : evaluateIn(visit, options.assign, options.extra),
  ]);
  checkSize(visit, "returned a result", output);
  return {
    next: options.next,
    output,
    variables: { ...visit.progress.variables, ...(assigned as Variables) },
  };
}

/** Throws States.DataLimitExceeded. */
export function checkSize(visit: Visit, what: string, value: Json): void {
  if (isTooLarge(JSON.stringify(value)))
    throw new AslError(
      "States.DataLimitExceeded",
      `The state/task '${visit.name}' ${what} with a size exceeding the maximum number of bytes service limit.`,
    );
}
