import type { Clock } from "../base/clock.ts";
import { isKind } from "../base/errors.ts";

/** How long one delivery waits in all for a platform that asked it to: well below a minute, the shortest Lambda's time. */
const maxWaitMs = 30_000;

/** The platform answered that it did not take a message: it refused it, or asked us to wait. */
export const wasNotSent = (error: unknown): boolean =>
  isKind(error, "refused") || (isKind(error, "retryable") && error.retryAfterMs !== undefined);

/**
 * Sends in a way that waits where the platform asks for it, since such an answer says that nothing was sent; together not
 * longer than half a minute, after which it throws the platform's error.
 */
export function patiently(clock: Clock): <Result>(send: () => Promise<Result>) => Promise<Result> {
  let leftMs = maxWaitMs;
  return async (send) => {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        if (!isKind(error, "retryable") || error.retryAfterMs === undefined) throw error;
        leftMs -= error.retryAfterMs;
        if (leftMs < 0) throw error;
        await clock.sleep(error.retryAfterMs);
      }
    }
  };
}
