/** What runs inside a worker thread: one instance of one function. It loads the module, then answers one at a time. */
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { contextFor, functionError, handlerOf, serialise, type Handler } from "./lambda-runtime.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

const { file } = workerData as { file: string };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const send = (message: FromWorker): void => parentPort?.postMessage(message);

async function initialise(): Promise<void> {
  try {
    const handler = handlerOf(await import(pathToFileURL(file).href), file);
    parentPort?.on("message", (message: ToWorker) => void answer(handler, message));
    send({ type: "ready" });
  } catch (thrown) {
    send({ type: "init-error", error: functionError(thrown) });
  }
}

async function answer(handler: Handler, { payload, context, timeoutMs }: ToWorker): Promise<void> {
  try {
    const result = await handler(JSON.parse(payload), contextFor(context, timeoutMs));
    send({ type: "result", payload: serialise(result) });
  } catch (thrown) {
    send({ type: "error", error: functionError(thrown) });
  }
}

await initialise();
