import { messageOf } from "../base/errors.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { Place } from "../conversation/place.ts";
import type { Turn } from "./load.ts";
import { interruptsTurn } from "./plan.ts";
import type { TurnPorts } from "./ports.ts";

/** Answers that come sooner need no typing sign. */
const firstTypingMs = 500;

/** What goes on beside a model call or a tool: the typing sign, and a look at the queue for a stop. */
export interface SignsOfLife {
  /** Aborts when the person said stop. */
  stopped: AbortSignal;
  /** Ends both; waits for a call that is under way. */
  end(): Promise<void>;
}

/** `taking` are the messages of the step itself, which wait in the queue until it is saved. */
export function showSignsOfLife(
  turn: Turn,
  { place, taking }: { place: Place; taking: readonly Inbound[] },
  ports: TurnPorts,
): SignsOfLife {
  const { clock, log, store, settings } = ports;
  const ended = new AbortController();
  const stop = new AbortController();

  async function every(firstMs: number, nextMs: () => number, job: () => Promise<void>): Promise<void> {
    await clock.sleep(firstMs, ended.signal);
    while (!ended.signal.aborted) {
      await job().catch((error: unknown) => log.warn("sign-of-life.failed", { reason: messageOf(error) }));
      await clock.sleep(nextMs(), ended.signal);
    }
  }

  let typingMs = 5_000;
  async function type(): Promise<void> {
    const { platform, outbound } = await ports.channel(place);
    typingMs = platform.limits.typingMs ?? Number.MAX_SAFE_INTEGER;
    await outbound.typing?.(place);
  }

  async function look(): Promise<void> {
    const pending = await store.inbox.pending(turn.input.conversation);
    const isNews = ({ key }: Inbound) => !turn.consumed.has(key) && !taking.some((taken) => taken.key === key);
    if (pending.filter(isNews).some(interruptsTurn)) stop.abort();
  }

  const jobs = [
    every(firstTypingMs, () => Math.min(typingMs * 0.8, 2 ** 31 - 1), type),
    every(settings.stopPollMs, () => settings.stopPollMs, look),
  ];
  return {
    stopped: stop.signal,
    async end() {
      ended.abort();
      await Promise.all(jobs);
    },
  };
}
