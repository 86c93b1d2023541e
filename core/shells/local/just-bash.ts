import { mkdir } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { messageOf, retryable } from "../../base/errors.ts";
import type { RunOptions, RunResult } from "../shell.ts";
import { interrupted, timedOut } from "./process.ts";
import { insideHome, type LocalRunner, sideFolderOf } from "./runner.ts";

export interface WorkerRequest {
  folder: string;
  temporary: string;
  script: string;
  stdin: string | Uint8Array;
}

export type WorkerAnswer = Pick<RunResult, "output" | "droppedBytes" | "exitCode">;

const description =
  `A simulated bash with the common text tools (grep, sed, awk, jq, find, sort …) on real files in ${insideHome}. ` +
  "There are no other programs (no git, node or python), no network, no background jobs. " +
  "For a real Linux sandbox the owner of this machine installs bubblewrap (apt-get install bubblewrap) and restarts.";

/** More idle threads than this are not kept; each holds the loaded interpreter, about 40 MB. */
const maxIdle = 2;
/** Of a thread's heap: with what a step needs besides, it fits into its Lambda. */
const maxWorkerMb = 256;

/**
 * The interpreter of the npm package just-bash. A busy loop in it never yields, so each script runs in a thread that
 * can be ended from outside; threads are kept for the next script, since loading the interpreter takes longest.
 */
export function justBashRunner(): LocalRunner {
  const idle: Worker[] = [];
  const run = async (request: WorkerRequest, options: RunOptions): Promise<RunResult> => {
    const worker = idle.pop() ?? startWorker();
    worker.ref();
    const { result, isFree } = await ask(worker, request, options);
    worker.unref();
    if (!isFree || idle.length >= maxIdle) await worker.terminate();
    else idle.push(worker);
    return result;
  };
  return {
    name: "just-bash",
    summary: "simulated bash without programs, since bubblewrap does not work here: apt-get install bubblewrap",
    description,
    async open(folder) {
      const { temporary } = sideFolderOf(folder);
      await mkdir(folder, { recursive: true });
      await mkdir(temporary, { recursive: true });
      return {
        keepsProcesses: false,
        isIsolated: true,
        run: (script, options) => run({ folder, temporary, script, stdin: options.stdin ?? "" }, options),
      };
    },
  };
}

/** Nothing of our environment goes in. */
const startWorker = () =>
  new Worker(new URL("./just-bash-worker.ts", import.meta.url), {
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: maxWorkerMb },
  });

/** As when a system kills the largest process. */
const outOfMemory: RunResult = {
  output: `The command was ended: it needed more than the ${maxWorkerMb} MB of memory that the simulated bash has. Let it write or read less at once.\n`,
  droppedBytes: 0,
  exitCode: 137,
  timedOut: false,
  interrupted: false,
};

interface Answer {
  result: RunResult;
  /** The thread has answered and can run another script; else it is busy or dead, and whoever calls ends it. */
  isFree: boolean;
}

/** Settles when the thread answers, dies, or is out of time. */
function ask(worker: Worker, request: WorkerRequest, { timeoutMs, signal }: RunOptions): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const end = (result: RunResult) => resolve({ result, isFree: false });
  const stop = (reason: typeof timedOut | typeof interrupted) => end({ output: "", droppedBytes: 0, ...reason });
  const onAbort = () => stop(interrupted);
  const onAnswer = (answer: WorkerAnswer) =>
    resolve({ result: { ...answer, timedOut: false, interrupted: false }, isFree: true });
  const onError = (error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") end(outOfMemory);
    else reject(retryable(`The simulated shell failed: ${messageOf(error)}`, { cause: error, code: "shell.failed" }));
  };
  const timer = setTimeout(() => stop(timedOut), timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  worker.once("message", onAnswer).once("error", onError);
  if (signal?.aborted) onAbort();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
  else worker.postMessage(request);
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    worker.off("message", onAnswer).off("error", onError);
  });
}
