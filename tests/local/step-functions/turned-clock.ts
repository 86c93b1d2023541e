import type { Clock } from "../../../core/base/clock.ts";

/** A clock that stands until a test turns it. */
export interface TurnedClock extends Clock {
  /** Moves on and wakes every sleeper whose time has come. */
  turn(ms: number): void;
  /** What sleepers are asking for now, in milliseconds, shortest first. */
  sleeping(): number[];
}

export function turnedClock(startMs = Date.UTC(2026, 0, 1)): TurnedClock {
  let nowMs = startMs;
  const sleepers = new Set<{ atMs: number; wake: () => void }>();
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { atMs: nowMs + ms, wake: () => done() };
        const done = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", done, { once: true });
      }),
    turn: (ms) => {
      nowMs += ms;
      for (const sleeper of sleepers) if (sleeper.atMs <= nowMs) sleeper.wake();
    },
    sleeping: () => [...sleepers].map(({ atMs }) => atMs - nowMs).sort((left, right) => left - right),
  };
}
