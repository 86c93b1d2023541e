import type { Clock } from "../../core/base/clock.ts";
import type { Log } from "../../core/base/log.ts";
import type { ScheduleSpec } from "../../stacks/manifest.ts";
import type { DiskReport } from "./disk-report.ts";
import { functionArn, resourceName } from "./names.ts";
import type { ScheduleRecord } from "./schedule.ts";
import type { ScheduleBook } from "./schedule-book.ts";
import { createScheduleRunner, type ScheduleRunner } from "./schedule-runner.ts";
import { openScheduleStore } from "./schedule-store.ts";
import { deliverToTarget, type TargetOptions } from "./schedule-target.ts";
import { schedulerHandler } from "./scheduler-wire.ts";
import type { Handle } from "./wire.ts";

export interface SchedulerOptions extends TargetOptions {
  folder: string;
  /** The manifest's own schedules; they live as long as the process and are not written to disk. */
  schedules: Record<string, ScheduleSpec>;
  clock: Clock;
  log: Log;
  report: DiskReport;
}

export interface Scheduler {
  /** The wire: REST JSON of EventBridge Scheduler. */
  handle: Handle;
  /** Begins to watch the clock. What was due while nobody ran is delivered now, once for each schedule. */
  start(): void;
  close(): void;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, log, report } = options;
  const store = openScheduleStore(options.folder);
  /** What a full disk does not take is saved with the next delivery; after a crash before that, this one comes again. */
  const ifPossible = (write: () => void) => {
    try {
      report.watch("schedules", write);
    } catch {
      // The report has told it.
    }
  };
  const records = new Map(store.load().map((record) => [keyOf(record), record]));
  const runner: ScheduleRunner = createScheduleRunner({
    clock,
    log,
    deliver: (record, dueMs) => deliverToTarget(record, dueMs, options),
    onHandled: (record) => {
      if (records.get(keyOf(record)) === record) ifPossible(() => store.save(record));
    },
    onCompleted: (record) => {
      if (record.definition.ActionAfterCompletion === "DELETE") ifPossible(() => book.remove(record));
    },
  });
  const book: ScheduleBook = {
    store,
    clock,
    all: () => [...records.values()],
    find: (group, name) => records.get(keyOf({ group, name })),
    put(record) {
      report.watch("schedules", () => store.save(record));
      records.set(keyOf(record), record);
      runner.watch(keyOf(record), record);
    },
    remove(record) {
      records.delete(keyOf(record));
      store.delete(record);
      runner.unwatch(keyOf(record));
    },
  };
  return {
    handle: schedulerHandler(book),
    start() {
      for (const [key, record] of records) runner.watch(key, record);
      for (const record of manifestRecords(options)) runner.watch(`manifest ${record.name}`, record);
    },
    close: () => runner.close(),
  };
}

const keyOf = ({ group, name }: { group: string; name: string }): string => `${group}/${name}`;

function manifestRecords({ schedules, clock }: SchedulerOptions): ScheduleRecord[] {
  return Object.entries(schedules).map(([name, spec]) => ({
    name: resourceName(name),
    group: "default",
    createdAtMs: clock.now(),
    modifiedAtMs: clock.now(),
    handledUntilMs: clock.now(),
    definition: {
      ScheduleExpression: spec.expression,
      State: "ENABLED",
      ActionAfterCompletion: "NONE",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: functionArn(spec.function), RoleArn: "", Input: JSON.stringify(spec.input) },
    },
  }));
}
