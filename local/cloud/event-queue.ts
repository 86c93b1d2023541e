import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/base/clock.ts";
import { messageOf } from "../../core/base/errors.ts";
import { parseJson } from "../../core/base/json.ts";
import { semaphore } from "../../core/base/semaphore.ts";
import type { Log } from "../../core/base/log.ts";
import type { InvokeResult } from "./lambda-runtime.ts";
import { logicalFunctionName } from "./names.ts";
import { WireError } from "./wire.ts";

export interface EventQueueOptions {
  folder: string;
  invoke: (name: string, payload: string) => Promise<InvokeResult>;
  clock: Clock;
  log: Log;
}

/** Asynchronous invocations: accepted once, run at least once, also when the process dies in between. */
export interface EventQueue {
  /** Returns when the event is on disk. */
  accept(name: string, payload: string): void;
  /** Runs what an earlier process accepted and did not finish. */
  start(): void;
  /** Stops retrying; what is not finished stays for the next start. */
  close(): void;
}

/** Lambda waits one and two minutes before its two retries; a person at a laptop is less patient. */
const retryDelaysMs = [1000, 5000];
const throttledDelayMs = 500;
/** Nobody waits for an event, and people wait for what runs beside it on this machine's few cores. */
const maxRunning = 8;

interface QueuedEvent {
  name: string;
  payload: string;
}

export function createEventQueue({ folder, invoke, clock, log }: EventQueueOptions): EventQueue {
  const closing = new AbortController();
  const slots = semaphore(maxRunning);
  const fileOf = (id: string) => join(folder, `${id}.json`);

  async function attempt(event: QueuedEvent): Promise<"done" | "failed" | "throttled"> {
    try {
      const result = await invoke(event.name, event.payload);
      if (!("error" in result)) return "done";
      log.warn("event.failed", { function: event.name, error: result.error.errorType });
    } catch (error) {
      if (error instanceof WireError && error.status === 429) return "throttled";
      log.warn("event.failed", { function: event.name, error: messageOf(error) });
    }
    return "failed";
  }

  async function run(id: string, event: QueuedEvent): Promise<void> {
    const delaysMs = [...retryDelaysMs];
    for (;;) {
      const outcome = await slots(async () => (closing.signal.aborted ? "failed" : attempt(event)));
      // What ended while we were closing may have failed because of that: the next start runs it again.
      if (closing.signal.aborted && outcome !== "done") return;
      const delayMs = outcome === "throttled" ? throttledDelayMs : delaysMs.shift();
      if (outcome === "done" || delayMs === undefined) return putAway(id, event);
      await clock.sleep(delayMs, closing.signal);
      if (closing.signal.aborted) return;
    }
  }

  /** One that stays is run again at the next start, which is no reason to end now. */
  function putAway(id: string, event: QueuedEvent): void {
    try {
      rmSync(fileOf(id), { force: true });
    } catch (error) {
      log.warn("event.kept", { function: event.name, error: messageOf(error) });
    }
  }

  return {
    accept(name, payload) {
      const id = `${Date.now()}-${randomUUID()}`;
      const event: QueuedEvent = { name: logicalFunctionName(name), payload };
      writeFileSync(`${fileOf(id)}.new`, JSON.stringify(event));
      renameSync(`${fileOf(id)}.new`, fileOf(id));
      void run(id, event);
    },
    start() {
      for (const file of readdirSync(folder).sort()) {
        const event = parseJson(readFileSync(join(folder, file), "utf8")) as QueuedEvent | undefined;
        if (file.endsWith(".json") && event !== undefined) void run(file.slice(0, -".json".length), event);
        else rmSync(join(folder, file));
      }
    },
    close: () => closing.abort(),
  };
}
