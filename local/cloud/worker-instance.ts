import { Worker } from "node:worker_threads";
import type { FunctionSpec } from "../../stacks/manifest.ts";
import { contextData, exitError, timeoutError, type FunctionError, type InvokeResult } from "./lambda-runtime.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

export interface InstanceOptions {
  name: string;
  spec: FunctionSpec;
  /** The module's absolute path. */
  file: string;
  environment: Record<string, string>;
  /** Options of Node for the thread, for example `["--import", "/path/of/hook.ts"]`. */
  execArgv: string[];
}

/** How the thread ended an invocation, or its start. */
type Outcome = { type: "ready" } | { payload: string } | { error: FunctionError } | { exited: string };

/** One instance of a function: a thread with its own environment and memory limit, one invocation at a time. */
export interface Instance {
  invoke(payload: string, requestId: string): Promise<InvokeResult>;
  /** No further invocation may be sent: the thread ended, timed out or failed to start. */
  isOver(): boolean;
  terminate(): Promise<void>;
}

export function startInstance(options: InstanceOptions): Instance {
  const { name, spec } = options;
  const thread = startThread(options);
  const timeoutMs = spec.timeoutSeconds * 1000;
  // The first outcome is that of the start; everything after it belongs to the invocation in hand.
  const started = thread.nextOutcome();
  let isOver = false;
  const over = <Result>(result: Result): Result => {
    isOver = true;
    void thread.worker.terminate();
    return result;
  };
  return {
    async invoke(payload, requestId) {
      const start = await started;
      if ("exited" in start) return over({ requestId, error: exitError(requestId, start.exited) });
      if ("error" in start) return over({ requestId, error: start.error });
      const outcome = thread.nextOutcome();
      const message: ToWorker = { payload, context: contextData(name, spec, requestId), timeoutMs };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      thread.worker.postMessage(message);
      const end = await within(outcome, timeoutMs);
      if (end === undefined) return over({ requestId, error: timeoutError(requestId, timeoutMs) });
      if ("exited" in end) return over({ requestId, error: exitError(requestId, end.exited) });
      return { requestId, ...(end as { payload: string } | { error: FunctionError }) };
    },
    isOver: () => isOver || thread.hasExited(),
    terminate: async () => void (await thread.worker.terminate()),
  };
}

interface Thread {
  worker: Worker;
  hasExited: () => boolean;
  /** What the thread reports next. */
  nextOutcome: () => Promise<Outcome>;
}

function startThread({ spec, file, environment, execArgv }: InstanceOptions): Thread {
  const worker = new Worker(new URL("./worker-entry.ts", import.meta.url), {
    workerData: { file },
    env: environment,
    execArgv,
    resourceLimits: { maxOldGenerationSizeMb: spec.memoryMb },
  });
  // An idle instance must not keep the process; a running one is kept by whoever waits for its answer.
  worker.unref();
  let report: ((outcome: Outcome) => void) | undefined;
  let exited: string | undefined;
  const exit = (reason: string) => {
    exited ??= reason;
    report?.({ exited });
  };
  worker.on("message", (message: FromWorker) => report?.(outcomeOf(message)));
  worker.on("error", (error) => exit(isOutOfMemory(error) ? "signal: killed" : String(error)));
  worker.on("exit", (code) => exit(`exit status ${code}`));
  const nextOutcome = () =>
    new Promise<Outcome>((resolve) => {
      if (exited === undefined) report = resolve;
      else resolve({ exited });
    });
  return { worker, hasExited: () => exited !== undefined, nextOutcome };
}

/** `undefined` when the time is up first. */
function within<Result>(promise: Promise<Result>, timeoutMs: number): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), timeoutMs).unref();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const isOutOfMemory = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";

function outcomeOf(message: FromWorker): Outcome {
  switch (message.type) {
    case "ready":
      return { type: "ready" };
    case "result":
      return { payload: message.payload };
    case "init-error":
    case "error":
      return { error: message.error };
  }
}
