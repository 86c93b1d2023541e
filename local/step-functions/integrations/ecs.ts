import type { Json } from "../../../core/base/json.ts";
import type { Integration } from "./integration.ts";

export interface RunTaskOptions {
  /** The Task waits for the container to stop (`.sync`); else only for its start. */
  waitUntilStopped: boolean;
  signal: AbortSignal;
}

/**
 * Stands in for ECS RunTask. Gets RunTask's parameters and answers as the integration does: `{ Tasks, Failures }`.
 * Must throw AslError("States.TaskFailed", JSON of the task) when a container it waited for failed.
 */
export type RunEcsTask = (parameters: Json, options: RunTaskOptions) => Promise<Json>;

export const ecsIntegration = (runTask: RunEcsTask): Integration => ({
  handles: (resource) => /^arn:aws:states:::ecs:runTask(\.sync)?$/.test(resource),
  call: ({ resource, arguments: values, signal }) =>
    runTask(values, { waitUntilStopped: resource.endsWith(".sync"), signal }),
});
