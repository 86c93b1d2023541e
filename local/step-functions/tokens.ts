/** Task tokens: who waits for an answer, and how the answer reaches it. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../core/base/clock.ts";
import { AslError, Cancelled } from "./errors.ts";
import type { Execution } from "./execution.ts";
import type { Path, TokenAnswer, TokenProgress } from "./progress.ts";

/** A token that may be answered. */
export interface OpenToken {
  execution: Execution;
  path: Path;
  /** The thread's own record of it, which the journal keeps: answers and heartbeats appear there. */
  progress: TokenProgress;
  /** Makes the waiting thread look at the record again. */
  wake(): void;
}

export interface Tokens {
  /** Makes a token answerable; `close` it when the Task is over. */
  open(entry: Omit<OpenToken, "wake">): OpenToken;
  find(token: string): OpenToken | undefined;
  close(token: string): void;
}

export const newToken = (): string => randomBytes(72).toString("base64url");

export function createTokens(): Tokens {
  const byToken = new Map<string, OpenToken>();
  return {
    open: (entry) => {
      const known = byToken.get(entry.progress.token);
      if (known) return known;
      const open = { ...entry, wake: () => {} };
      byToken.set(entry.progress.token, open);
      return open;
    },
    find: (token) => byToken.get(token),
    close: (token) => void byToken.delete(token),
  };
}

/** Resolves with the answer; throws States.Timeout, States.HeartbeatTimeout, or Cancelled when the signal aborts. */
export async function waitForAnswer(open: OpenToken, clock: Clock, signal: AbortSignal): Promise<TokenAnswer> {
  for (;;) {
    if (open.progress.answer) return open.progress.answer;
    if (signal.aborted) throw new Cancelled();
    const { dueMs, late } = nextDeadline(open.progress);
    if (clock.now() >= dueMs) throw late;
    await sleepOrWake(open, clock, Math.min(dueMs - clock.now(), longestSleepMs), signal);
  }
}

/** Below the 24.8 days that a timer can hold. */
const longestSleepMs = 24 * 3600 * 1000;

function nextDeadline(progress: TokenProgress): { dueMs: number; late: AslError } {
  const heartbeatDueMs = progress.lastBeatAtMs + (progress.heartbeatMs ?? Infinity);
  return heartbeatDueMs < progress.deadlineMs
    ? { dueMs: heartbeatDueMs, late: new AslError("States.HeartbeatTimeout", "The task sent no heartbeat in time.") }
    : { dueMs: progress.deadlineMs, late: new AslError("States.Timeout", "The task token was not answered in time.") };
}

async function sleepOrWake(open: OpenToken, clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const controller = new AbortController();
  const wake = () => controller.abort();
  open.wake = wake;
  signal.addEventListener("abort", wake, { once: true });
  await clock.sleep(ms, controller.signal);
  signal.removeEventListener("abort", wake);
}
