import { silentLog } from "../../core/base/log.ts";
import type { AccessKeys } from "./access-keys.ts";
import { backgroundClock } from "./clock.ts";
import type { DataFolder } from "./data-folder.ts";
import type { DiskReport } from "./disk-report.ts";
import { createEventQueue, type EventQueue } from "./event-queue.ts";
import { createInProcessRuntime } from "./lambda-in-process.ts";
import type { LambdaRuntime } from "./lambda-runtime.ts";
import { createWorkerRuntime, type WorkerOptions } from "./lambda-workers.ts";
import { createLambda, type LambdaService } from "./lambda.ts";
import type { CloudOptions } from "./options.ts";
import { repositoryRoot } from "./repository-root.ts";

export interface Functions {
  lambda: LambdaService;
  events: EventQueue;
}

interface FunctionsParts {
  folder: DataFolder;
  /** Asked when an instance starts. */
  environment: () => Record<string, string>;
  /** Of functions that run apart. */
  keys: AccessKeys;
  report: DiskReport;
}

/** Lambda, and the queue of its asynchronous invocations. */
export function openFunctions(
  options: CloudOptions,
  { folder, environment, keys, report }: FunctionsParts,
  resources: AsyncDisposableStack,
): Functions {
  const { manifest, clock = backgroundClock, log = silentLog } = options;
  const runtime = createRuntime(options, (name) => ({ ...environment(), AWS_ACCESS_KEY_ID: keys.of(name) }));
  resources.defer(() => runtime.close());
  const queue = createEventQueue({
    folder: folder.sub("lambda-events"),
    invoke: (name, payload) => lambda.invoke(name, payload),
    clock,
    log,
  });
  resources.defer(() => queue.close());
  const accept: EventQueue["accept"] = (name, payload) => report.watch("events", () => queue.accept(name, payload));
  const lambda = createLambda({
    functions: manifest.functions,
    runtime,
    acceptEvent: accept,
  });
  return { lambda, events: { ...queue, accept } };
}

/** Lambda's own quota for an account. */
const defaultConcurrent = 1000;
/** Threads cost memory; a laptop has few cores. */
const defaultInstances = 8;
const defaultWaiting = 10_000;

function createRuntime(options: CloudOptions, environment: WorkerOptions["environment"]): LambdaRuntime {
  const { mode, root = repositoryRoot, maxConcurrent, maxWaiting = defaultWaiting, workerExecArgv } = options;
  if (mode === "in-process") return createInProcessRuntime({ root, maxConcurrent: maxConcurrent ?? defaultConcurrent });
  return createWorkerRuntime({
    root,
    environment,
    maxInstances: maxConcurrent ?? defaultInstances,
    maxWaiting,
    execArgv: workerExecArgv ?? [],
  });
}
