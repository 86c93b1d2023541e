import type { Clock } from "../../core/base/clock.ts";

/**
 * System time whose timers do not keep the process: a cloud that only waits must not hold whoever started it.
 * Apart from core/base/clock.ts, since that one runs in the browser too, whose timers know no `unref`.
 */
export const backgroundClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms).unref();
      signal?.addEventListener("abort", done, { once: true });
    }),
};
