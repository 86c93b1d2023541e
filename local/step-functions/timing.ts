import type { Clock } from "../../core/base/clock.ts";
import { Cancelled } from "./errors.ts";

/** A timer holds at most 2^31 - 1 ms (24.8 days), and AWS lets a Wait last a year: long sleeps are cut in pieces. */
const longestSleepMs = 24 * 3600 * 1000;

/** Resolves when the clock has reached `untilMs`, at once when the signal aborts. */
export async function sleepUntil(clock: Clock, untilMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const leftMs = untilMs - clock.now();
    if (leftMs <= 0) return;
    await clock.sleep(Math.min(Math.ceil(leftMs), longestSleepMs), signal);
  }
}

/** Throws when what surrounds the thread has ended. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new Cancelled();
}

/** A controller that its parent's abort reaches too; `release` when its work is over, or the parent holds on to it. */
export interface Scope {
  signal: AbortSignal;
  /** Aborts what is still under way and lets go of the parent. */
  release(): void;
}

export function openScope(parent: AbortSignal): Scope {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (parent.aborted) abort();
  else parent.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      parent.removeEventListener("abort", abort);
      abort();
    },
  };
}

/**
 * The outcome of `work`, or `late()` thrown at the deadline, or Cancelled as soon as the signal aborts, even when the
 * work itself takes no notice of its signal.
 */
export async function before<T>(
  deadline: { clock: Clock; untilMs: number; signal: AbortSignal; late: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const scope = openScope(deadline.signal);
  const expiry = async (): Promise<never> => {
    await sleepUntil(deadline.clock, deadline.untilMs, scope.signal);
    throw scope.signal.aborted ? new Cancelled() : deadline.late();
  };
  try {
    return await Promise.race([work(scope.signal), expiry()]);
  } finally {
    scope.release();
  }
}
