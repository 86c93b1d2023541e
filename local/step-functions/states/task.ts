import type { Json } from "../../../core/base/json.ts";
import type { TaskState } from "../definition.ts";
import { AslError, toAslError } from "../errors.ts";
import { before, throwIfCancelled } from "../timing.ts";
import { checkSize, evaluateIn, evaluateNumber, finish, recordEvent, type Outcome, type Visit } from "../visit.ts";
import { runTokenTask } from "./token-task.ts";

const tokenSuffix = ".waitForTaskToken";

/** AWS's default time-out, more than three years. */
const defaultTimeoutSeconds = 99_999_999;

export async function runTask(visit: Visit<TaskState>): Promise<Outcome> {
  const result = await perform(visit).catch((error: unknown) => {
    throwIfCancelled(visit.thread.signal);
    recordFailure(visit, toAslError(error));
    throw error;
  });
  recordEvent(visit.thread, "TaskSucceeded", {
    taskSucceededEventDetails: { ...resourceDetails(visit), output: JSON.stringify(result) },
  });
  const { Next, Output, Assign } = visit.state;
  return finish(visit, { next: Next, value: result, output: Output, assign: Assign, extra: { result } });
}

async function perform(visit: Visit<TaskState>): Promise<Json> {
  const { Resource, TimeoutSeconds, HeartbeatSeconds } = visit.state;
  const timeoutMs = 1000 * (await evaluateNumber(visit, "TimeoutSeconds", TimeoutSeconds ?? defaultTimeoutSeconds));
  const result = Resource.endsWith(tokenSuffix)
    ? await runTokenTask(visit, {
        timeoutMs,
        heartbeatMs:
          HeartbeatSeconds === undefined
            ? undefined
            : 1000 * (await evaluateNumber(visit, "HeartbeatSeconds", HeartbeatSeconds)),
        deliver: (signal) => callResource(visit, signal),
      })
    : await callWithin(visit, timeoutMs);
  checkSize(visit, "returned a result", result);
  return result;
}

function callWithin(visit: Visit<TaskState>, timeoutMs: number): Promise<Json> {
  const { services, signal } = visit.thread;
  return before(
    {
      clock: services.clock,
      untilMs: services.clock.now() + timeoutMs,
      signal,
      late: () => new AslError("States.Timeout", `The task took longer than ${timeoutMs / 1000} seconds.`),
    },
    (signal) => callResource(visit, signal),
  );
}

async function callResource(visit: Visit<TaskState>, signal: AbortSignal): Promise<Json> {
  const { thread, state, progress } = visit;
  const values =
    state.Arguments === undefined ? structuredClone(progress.input) : await evaluateIn(visit, state.Arguments);
  checkSize(visit, "got arguments", values);
  throwIfCancelled(signal);
  recordEvent(thread, "TaskScheduled", {
    taskScheduledEventDetails: {
      ...resourceDetails(visit),
      region: thread.execution.start.arn.split(":")[3],
      parameters: JSON.stringify(values),
    },
  });
  recordEvent(thread, "TaskStarted", { taskStartedEventDetails: resourceDetails(visit) });
  const result: Json | undefined = await thread.services.call({
    resource: state.Resource.replace(tokenSuffix, ""),
    arguments: values,
    signal,
    attemptId: [thread.execution.start.arn, ...thread.path, progress.enteredAtMs, ...progress.retryCounts].join("/"),
  });
  return freshCopy(result);
}

/** A callee in this process may keep what it returned and change it later. */
const freshCopy = (result: Json | undefined): Json =>
  result === undefined ? null : (JSON.parse(JSON.stringify(result)) as Json);

/** `lambda` and `invoke` for `arn:aws:states:::lambda:invoke`; a function's own ARN counts as `lambda`. */
function resourceDetails(visit: Visit<TaskState>) {
  const [type, ...action] = (visit.state.Resource.split(":::")[1] ?? `lambda:${visit.state.Resource}`).split(":");
  return { resourceType: type, resource: action.join(":") };
}

function recordFailure(visit: Visit<TaskState>, failure: AslError): void {
  const details = { ...resourceDetails(visit), error: failure.error, cause: failure.detail };
  if (failure.error === "States.Timeout" || failure.error === "States.HeartbeatTimeout")
    recordEvent(visit.thread, "TaskTimedOut", { taskTimedOutEventDetails: details });
  else recordEvent(visit.thread, "TaskFailed", { taskFailedEventDetails: details });
}
