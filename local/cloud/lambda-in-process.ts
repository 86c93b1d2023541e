import { randomUUID } from "node:crypto";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import type { FunctionSpec } from "../../stacks/manifest.ts";
import {
  contextData,
  contextFor,
  functionError,
  handlerOf,
  serialise,
  timeoutError,
  type FunctionError,
  type Handler,
  type InvokeResult,
  type LambdaRuntime,
} from "./lambda-runtime.ts";
import { WireError } from "./wire.ts";

export interface InProcessOptions {
  /** The folder from which the manifest's module paths count. */
  root: string;
  /** Invocations at once over all functions; more are throttled. */
  maxConcurrent: number;
}

/**
 * Runs handlers in this process: each module is imported once and many invocations share it. Unlike in Lambda, one
 * `process.env` serves all, the memory limit is not enforced, and a handler that timed out is not stopped: its
 * invocation has failed, but its code runs on until it ends by itself.
 */
export function createInProcessRuntime({ root, maxConcurrent }: InProcessOptions): LambdaRuntime {
  const handlers = new Map<string, Promise<Handler>>();
  let running = 0;
  return {
    async invoke(name, spec, payload) {
      if (running >= maxConcurrent) throw new WireError(429, "TooManyRequestsException", "Rate Exceeded.");
      running += 1;
      try {
        return await run(name, spec, payload, () => load(handlers, resolve(root, spec.module)));
      } finally {
        running -= 1;
      }
    },
    close: async () => {},
  };
}

/** A failed import is forgotten, as a new instance in Lambda would try again. */
function load(handlers: Map<string, Promise<Handler>>, file: string): Promise<Handler> {
  const known = handlers.get(file);
  if (known !== undefined) return known;
  const loading = import(pathToFileURL(file).href).then((module) => handlerOf(module, file));
  handlers.set(file, loading);
  loading.catch(() => handlers.delete(file));
  return loading;
}

async function run(
  name: string,
  spec: FunctionSpec,
  payload: string,
  getHandler: () => Promise<Handler>,
): Promise<InvokeResult> {
  const requestId = randomUUID();
  const timeoutMs = spec.timeoutSeconds * 1000;
  try {
    const handler = await getHandler();
    const context = contextFor(contextData(name, spec, requestId), timeoutMs);
    const answer = (async () => ({ payload: serialise(await handler(JSON.parse(payload), context)) }))();
    return { requestId, ...(await beforeTimeout(answer, timeoutMs, () => timeoutError(requestId, timeoutMs))) };
  } catch (thrown) {
    return { requestId, error: functionError(thrown) };
  }
}

function beforeTimeout<Answer>(
  answer: Promise<Answer>,
  timeoutMs: number,
  onTimeout: () => FunctionError,
): Promise<Answer | { error: FunctionError }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve({ error: onTimeout() }), timeoutMs);
    // Nothing but this invocation needs the timer; a process that is about to end must not wait for it.
    timer.unref();
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
