import type { Json } from "../../../core/base/json.ts";

/** A call that a Task makes. */
export interface IntegrationCall {
  /** The state's Resource without `.waitForTaskToken`. */
  resource: string;
  /** A fresh copy: the callee may change it. */
  arguments: Json;
  /** Aborts when the Task times out or what surrounds it ends. */
  signal: AbortSignal;
  /** The same for every repetition of this attempt, also after a crash; different for every other attempt. */
  attemptId: string;
}

/**
 * Makes the call and resolves with its result. Must throw AslError, with the name AWS gives the failure, for anything
 * the state machine should see under its own name.
 */
export type CallIntegration = (call: IntegrationCall) => Promise<Json>;

/** A family of resources. */
export interface Integration {
  handles(resource: string): boolean;
  call: CallIntegration;
}
