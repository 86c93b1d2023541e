import type { ContextData, FunctionError } from "./lambda-runtime.ts";

/** One invocation, sent to an instance that is ready and idle. */
export interface ToWorker {
  payload: string;
  context: ContextData;
  timeoutMs: number;
}

export type FromWorker =
  | { type: "ready" }
  | { type: "init-error"; error: FunctionError }
  | { type: "result"; payload: string }
  | { type: "error"; error: FunctionError };
