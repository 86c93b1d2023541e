import type { Retrier } from "./definition.ts";
import { matches } from "./errors.ts";

export interface RetryDecision {
  delayMs: number;
  /** Retries spent by each retrier of the state, in its order, this one included. */
  counts: number[];
}

/**
 * The first retrier that matches decides: retry after a delay, or (its attempts spent) not at all; later retriers are
 * not asked. `undefined` means no retry.
 */
export function decideRetry(
  retriers: readonly Retrier[],
  error: string,
  counts: readonly number[],
  random: () => number,
): RetryDecision | undefined {
  const index = retriers.findIndex((retrier) => matches(retrier.ErrorEquals, error));
  const retrier = retriers[index];
  if (!retrier) return undefined;
  const spent = counts[index] ?? 0;
  if (spent >= (retrier.MaxAttempts ?? 3)) return undefined;
  const next = retriers.map((_, position) => (counts[position] ?? 0) + (position === index ? 1 : 0));
  return { delayMs: delayMs(retrier, spent, random), counts: next };
}

function delayMs(retrier: Retrier, spent: number, random: () => number): number {
  const backoff = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** spent;
  const capped = Math.min(backoff, retrier.MaxDelaySeconds ?? Infinity);
  return 1000 * capped * (retrier.JitterStrategy === "FULL" ? random() : 1);
}
