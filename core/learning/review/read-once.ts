import type { ReviewEvent } from "./event.ts";
import { gateWindowStart } from "./gate.ts";
import type { ReviewPorts } from "./ports.ts";

type Source = ReviewPorts["store"];

/**
 * The store as those see it who work on the same delivered turn, side by side: its session and its last turns, which each
 * of them needs, are read once. A turn that was delivered does not change any more.
 */
export function readOnce({ session: id, turn }: Pick<ReviewEvent, "session" | "turn">, store: Source): Source {
  let session: ReturnType<Source["sessions"]["get"]> | undefined;
  const sessionOnce = () => (session ??= store.sessions.get(id));
  const startOnce = async () => Math.max((await sessionOnce())?.firstTurn ?? 0, gateWindowStart(turn));
  let recent: ReturnType<Source["steps"]["from"]> | undefined;
  const recentOnce = (start: number) => (recent ??= store.steps.from(id, start));
  return {
    ...store,
    sessions: { get: (wanted) => (wanted === id ? sessionOnce() : store.sessions.get(wanted)) },
    steps: {
      async from(wanted, first) {
        const start = wanted === id ? await startOnce() : Infinity;
        if (first < start) return store.steps.from(wanted, first);
        return (await recentOnce(start)).filter((step) => step.turn >= first);
      },
    },
  };
}
