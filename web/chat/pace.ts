/** How long a client rests between two looks into its mailbox, in milliseconds. */
export interface Pace {
  isAwaited: boolean;
  /** Nobody is looking. */
  isHidden: boolean;
  /** Exchanges that failed, one after the other, until now. */
  failures: number;
}

const awaitedMs = 250;
const quietMs = 3_000;
const hiddenFactor = 8;
const maxRetryMs = 10_000;

/** Doubles from half a second. */
export const retryPauseMs = (failures: number): number => Math.min(250 * 2 ** Math.max(1, failures), maxRetryMs);

export function pollPauseMs({ isAwaited, isHidden, failures }: Pace): number {
  if (failures > 0) return retryPauseMs(failures);
  return (isAwaited ? awaitedMs : quietMs) * (isHidden ? hiddenFactor : 1);
}
