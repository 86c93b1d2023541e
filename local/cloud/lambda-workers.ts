import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { FunctionSpec } from "../../stacks/manifest.ts";
import { region, resourceName } from "./names.ts";
import type { LambdaRuntime } from "./lambda-runtime.ts";
import { WireError } from "./wire.ts";
import { startInstance, type Instance } from "./worker-instance.ts";

export interface WorkerOptions {
  /** The folder from which the manifest's module paths count. */
  root: string;
  /** What a function's environment holds, beside what Lambda itself sets; asked when an instance starts. */
  environment: (name: string) => Record<string, string>;
  /** Instances of one function at once; further invocations wait for one to become free. */
  maxInstances: number;
  /** Invocations of one function that may wait; more are throttled. */
  maxWaiting: number;
  execArgv: string[];
}

/** The instances of one function, and who waits for one. */
interface Pool {
  idle: Instance[];
  busy: Set<Instance>;
  /** Invocations that run. One that ends hands its place to the first that waits, so nobody can overtake. */
  taken: number;
  waiting: Array<() => void>;
}

/**
 * Runs every function in threads of its own, as apart as Lambda's instances: its own modules, globals and environment,
 * one invocation at a time, a memory limit, and an end by force when the time is up.
 */
export function createWorkerRuntime(options: WorkerOptions): LambdaRuntime {
  const pools = new Map<string, Pool>();
  const poolOf = (name: string): Pool => {
    const pool = pools.get(name) ?? { idle: [], busy: new Set(), taken: 0, waiting: [] };
    pools.set(name, pool);
    return pool;
  };
  return {
    async invoke(name, spec, payload) {
      const pool = poolOf(name);
      const instance = await acquire(pool, options, () => start(name, spec, options));
      try {
        return await instance.invoke(payload, randomUUID());
      } finally {
        giveBack(pool, instance);
      }
    },
    close: async () => {
      const all = [...pools.values()].flatMap((pool) => [...pool.idle, ...pool.busy]);
      await Promise.all(all.map((instance) => instance.terminate()));
    },
  };
}

async function acquire(pool: Pool, { maxInstances, maxWaiting }: WorkerOptions, start: () => Instance) {
  if (pool.taken < maxInstances) {
    pool.taken += 1;
  } else {
    if (pool.waiting.length >= maxWaiting) throw new WireError(429, "TooManyRequestsException", "Rate Exceeded.");
    await new Promise<void>((resolve) => pool.waiting.push(resolve));
  }
  // The one that ended last is the warmest. An instance may have died while it was idle.
  let instance = pool.idle.pop();
  while (instance?.isOver()) instance = pool.idle.pop();
  instance ??= start();
  pool.busy.add(instance);
  return instance;
}

function giveBack(pool: Pool, instance: Instance): void {
  pool.busy.delete(instance);
  if (!instance.isOver()) pool.idle.push(instance);
  const next = pool.waiting.shift();
  if (next === undefined) pool.taken -= 1;
  else next();
}

function start(name: string, spec: FunctionSpec, { root, environment, execArgv }: WorkerOptions): Instance {
  return startInstance({
    name,
    spec,
    file: resolve(root, spec.module),
    environment: { ...environment(name), ...lambdaVariables(name, spec, root) },
    execArgv,
  });
}

/** Source: AWS Lambda developer guide, "Defined runtime environment variables". */
const lambdaVariables = (name: string, spec: FunctionSpec, root: string): Record<string, string> => ({
  AWS_LAMBDA_FUNCTION_NAME: resourceName(name),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_REGION: region,
  LAMBDA_TASK_ROOT: root,
  TZ: ":UTC",
});
