import type { FunctionSpec } from "../../stacks/manifest.ts";
import { functionArn, resourceName } from "./names.ts";

/** What a failed invocation answers. Source: AWS Lambda developer guide, "Function errors". */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** How an invocation ended: the handler's answer as JSON text, or the error of the function or of its surroundings. */
export type InvokeResult = { requestId: string } & ({ payload: string } | { error: FunctionError });

/**
 * Where functions run. Two members: in this process (fast) and in worker threads (as apart as in Lambda).
 */
export interface LambdaRuntime {
  /**
   * Runs a function of the manifest, named logically, with a JSON payload. Must resolve for every failure of the
   * function: a throw, a time-out, an exit. Must throw `TooManyRequestsException` (a WireError) when it is full.
   */
  invoke(name: string, spec: FunctionSpec, payload: string): Promise<InvokeResult>;
  close(): Promise<void>;
}

/** The parts of a context object that cross a thread boundary. */
export interface ContextData {
  awsRequestId: string;
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  memoryLimitInMB: string;
  logGroupName: string;
  logStreamName: string;
  callbackWaitsForEmptyEventLoop: boolean;
}

/** What a handler gets as its second argument. */
export interface LambdaContext extends ContextData {
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: LambdaContext) => unknown;

export const contextData = (name: string, spec: FunctionSpec, awsRequestId: string): ContextData => ({
  awsRequestId,
  functionName: resourceName(name),
  functionVersion: "$LATEST",
  invokedFunctionArn: functionArn(name),
  memoryLimitInMB: String(spec.memoryMb),
  logGroupName: `/aws/lambda/${resourceName(name)}`,
  logStreamName: "embedded",
  callbackWaitsForEmptyEventLoop: false,
});

/** The clock starts when the handler does. */
export function contextFor(data: ContextData, timeoutMs: number): LambdaContext {
  const deadline = Date.now() + timeoutMs;
  return { ...data, getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
}

/** Anything that was thrown, in the form in which Lambda's Node runtime reports it. */
export function functionError(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? "").split("\n") };
}

export const timeoutError = (requestId: string, timeoutMs: number): FunctionError => ({
  errorType: "Sandbox.Timedout",
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
});

export const exitError = (requestId: string, reason: string): FunctionError => ({
  errorType: "Runtime.ExitError",
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${reason}`,
});

/** A module's `handler`. @throws an error named as Lambda's runtime names it when there is none. */
export function handlerOf(module: unknown, file: string): Handler {
  const handler = (module as { handler?: unknown }).handler;
  if (typeof handler === "function") return handler as Handler;
  throw Object.assign(new Error(`${file} does not export a function named handler`), {
    name: "Runtime.HandlerNotFound",
  });
}

/** Lambda answers `null` for a handler that returned nothing. */
export const serialise = (result: unknown): string => JSON.stringify(result) ?? "null";
