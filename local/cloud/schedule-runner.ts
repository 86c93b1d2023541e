import type { Clock } from "../../core/base/clock.ts";
import { messageOf } from "../../core/base/errors.ts";
import type { Log } from "../../core/base/log.ts";
import { nextDueMs, type ScheduleRecord } from "./schedule.ts";

export interface RunnerOptions {
  clock: Clock;
  log: Log;
  /** Hands a due schedule to its target; a throw is tried again. */
  deliver: (record: ScheduleRecord, dueMs: number) => Promise<void>;
  /** Called after `handledUntilMs` moved. */
  onHandled: (record: ScheduleRecord) => void;
  /** No due time is left. */
  onCompleted: (record: ScheduleRecord) => void;
}

/** Waits for due times and delivers each once, or again after a crash in the middle of a delivery. */
export interface ScheduleRunner {
  /** Begins to watch a schedule; one that is watched already under this key is replaced. */
  watch(key: string, record: ScheduleRecord): void;
  unwatch(key: string): void;
  close(): void;
}

/** Timers stand still while a laptop sleeps, so we look at the clock at least this often. */
const maxSleepMs = 30_000;
/** Scheduler itself retries for a day; whoever sits at the machine wants to see the error sooner. */
const retryDelaysMs = [1000, 5000, 30_000];

export function createScheduleRunner(options: RunnerOptions): ScheduleRunner {
  const watches = new Map<string, AbortController>();
  const unwatch = (key: string) => {
    watches.get(key)?.abort();
    watches.delete(key);
  };
  return {
    watch(key, record) {
      unwatch(key);
      if (record.definition.State === "DISABLED") return;
      const watch = new AbortController();
      watches.set(key, watch);
      void follow(record, options, watch.signal);
    },
    unwatch,
    close: () => [...watches.keys()].forEach(unwatch),
  };
}

/** Due times that passed while we were away come as one delivery, that of the first of them. */
async function follow(record: ScheduleRecord, options: RunnerOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options;
  for (;;) {
    const dueMs = nextDueMs(record, record.handledUntilMs);
    if (dueMs === undefined) return options.onCompleted(record);
    while (clock.now() < dueMs && !signal.aborted) {
      await clock.sleep(Math.min(dueMs - clock.now(), maxSleepMs), signal);
    }
    if (signal.aborted) return;
    await deliverWithRetry(record, dueMs, options, signal);
    if (signal.aborted) return;
    record.handledUntilMs = Math.max(dueMs, clock.now());
    options.onHandled(record);
  }
}

async function deliverWithRetry(
  record: ScheduleRecord,
  dueMs: number,
  { clock, log, deliver }: RunnerOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const delayMs of [...retryDelaysMs, undefined]) {
    try {
      return await deliver(record, dueMs);
    } catch (error) {
      log.warn("schedule.failed", { schedule: record.name, error: messageOf(error) });
      if (delayMs === undefined || signal.aborted) return;
      await clock.sleep(delayMs, signal);
    }
  }
}
