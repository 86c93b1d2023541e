import { activityKey } from "./keys.ts";
import type { Table } from "./table.ts";

/**
 * When a profile was last in use, and nothing of what was said: for functions that may read no conversation. Not written by
 * a turn itself, whose writes are counted, but by who looks after it: functions/review when it has ended, the sweep while
 * it runs for longer than a minute.
 */
export interface Activity {
  /** A turn of this profile is at work, or has just ended. */
  noteTurn(): Promise<void>;
  /** Milliseconds since 1970; 0 when there was no turn yet. */
  lastTurnAt(): Promise<number>;
}

export function openActivity(table: Table, profile: string, now: () => number): Activity {
  const key = activityKey(profile);
  return {
    async noteTurn() {
      await table.change(key, { update: "SET lastTurnAt = :now", values: { ":now": now() } });
    },
    lastTurnAt: async () => Number((await table.get(key))?.["lastTurnAt"] ?? 0),
  };
}
