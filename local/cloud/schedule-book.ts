import type { Clock } from "../../core/base/clock.ts";
import type { ScheduleRecord } from "./schedule.ts";
import type { ScheduleStore } from "./schedule-store.ts";

/** The schedules that exist, and the watch over each. */
export interface ScheduleBook {
  store: ScheduleStore;
  clock: Clock;
  all(): ScheduleRecord[];
  find(group: string, name: string): ScheduleRecord | undefined;
  put(record: ScheduleRecord): void;
  remove(record: ScheduleRecord): void;
}
