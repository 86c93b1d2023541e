import { messageOf } from "../base/errors.ts";
import { profileOf } from "../gateway/conversation-key.ts";
import type { Lease } from "../store/leases.ts";
import { abandonTurn } from "./abandon.ts";
import type { DeliveryPorts, WakeTurn } from "./ports.ts";

/** What Step Functions says about a turn's execution; `unknown` when there is none of that name. */
export interface ExecutionState {
  status: "running" | "succeeded" | "failed" | "unknown";
  error?: string;
  cause?: string;
}

export interface SweepPorts extends DeliveryPorts {
  execution(lease: Pick<Lease, "session" | "turn">): Promise<ExecutionState>;
  /** Sends a heartbeat for a task token; as with `wakeTurn`, one that is used up or out of time is no error. */
  keepWaiting: WakeTurn;
  /** Remembers that a turn of this profile is at work. */
  noteTurn(profile: string): Promise<void>;
}

/** A turn that runs is looked at again after this long. */
const lookAgainMs = 5 * 60_000;

/**
 * Finds conversations that nobody lets go: the ingress died between lease and start, or the machine ended without
 * reaching its own end. Returns how many it put right.
 */
export async function sweep(ports: SweepPorts): Promise<number> {
  const leases = await ports.store.leases.overdue();
  const mended = await Promise.all(
    leases.map((lease) =>
      mend(lease, ports).catch((error: unknown) => {
        ports.log.error("sweep.failed", { conversation: lease.conversation, reason: messageOf(error) });
        // It makes room for others in the list, and is looked at again.
        return ports.store.leases.extend(lease, lookAgainMs).then(() => false);
      }),
    ),
  );
  return mended.filter(Boolean).length;
}

/** Sees to one lease; false when its turn is simply still at work. */
export async function mend(lease: Lease, ports: SweepPorts): Promise<boolean> {
  const state = await ports.execution(lease);
  if (state.status === "running") {
    await ports.store.leases.extend(lease, lookAgainMs);
    if (lease.isParked) return tendWait(lease, ports);
    await ports.noteTurn(profileOf(lease.conversation));
    return false;
  }
  ports.log.warn("sweep.mends", {
    conversation: lease.conversation,
    session: lease.session,
    turn: lease.turn,
    status: state.status,
  });
  if (state.status === "unknown") await ports.startTurn(lease);
  else await abandonTurn({ ...turnOf(lease), error: state.error ?? "Aborted", cause: state.cause ?? "" }, ports);
  return true;
}

/** Whoever put a message in the queue may have died before waking the turn that waits; else the wait is in order. */
async function tendWait({ conversation, leftWaiting, taskToken }: Lease, ports: SweepPorts): Promise<boolean> {
  const pending = await ports.store.inbox.pending(conversation);
  if (pending.length <= leftWaiting) {
    if (taskToken !== undefined) await ports.keepWaiting(taskToken);
    return false;
  }
  const current = await ports.store.leases.wake(conversation);
  if (current !== undefined) await ports.wakeTurn(current);
  return current !== undefined;
}

const turnOf = ({ conversation, session, turn }: Lease) => ({ conversation, session, turn });
