import type { Clock } from "../../core/base/clock.ts";

const firstPauseMs = 1000;
const longestPauseMs = 30_000;

/** How a bridge bears with failures that may pass. */
export interface Patience {
  /**
   * Tells the person why, once for equal reasons in a row, and waits: longer after each failure, up to 30 s, and never
   * less than `atLeastMs`. Returns at once when the bridge stops.
   */
  failed(reason: string, atLeastMs?: number): Promise<void>;
  /** It works (again). */
  succeeded(): void;
}

export interface PatienceOptions {
  clock: Clock;
  signal: AbortSignal;
  notify(line: string): void;
  /** Said when it works after a failure that the person was told of. */
  recovered: string;
}

export function createPatience({ clock, signal, notify, recovered }: PatienceOptions): Patience {
  let pauseMs = firstPauseMs;
  let told: string | undefined;
  return {
    async failed(reason, atLeastMs = 0) {
      if (signal.aborted) return;
      if (reason !== told) notify(reason);
      told = reason;
      await clock.sleep(Math.max(pauseMs, atLeastMs), signal);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    },
    succeeded() {
      if (told !== undefined) notify(recovered);
      told = undefined;
      pauseMs = firstPauseMs;
    },
  };
}
