import { newId } from "../base/ids.ts";
import type { TurnInput } from "./machine.ts";
import type { NextSession } from "../store/leases.ts";
import type { DeliveryPorts } from "./ports.ts";

/**
 * Lets go of the conversation and looks at the queue once more. Whoever puts a message in the queue tries the lease
 * afterwards; we release the lease and look at the queue afterwards: one of the two always sees the other, so no
 * message is left lying. Running it twice is no harm. `inbox` are keys that this turn consumed and may not have marked.
 */
export async function finish(
  { conversation, session, turn }: TurnInput,
  { inbox, next }: { inbox: readonly string[]; next?: NextSession | undefined },
  ports: DeliveryPorts,
): Promise<void> {
  await ports.store.inbox.consume(conversation, inbox, `${session}#${turn}`);
  const wasHeld = await ports.store.leases.release(conversation, turn, next);
  if (!wasHeld) {
    const current = await ports.store.leases.current(conversation);
    if (current?.held && current.turn !== turn) return ports.startTurn(current);
  }
  await startIfWaiting(conversation, ports);
}

/** Starts a turn when messages wait and nobody has the conversation. */
export async function startIfWaiting(
  conversation: string,
  { store, startTurn }: Pick<DeliveryPorts, "store" | "startTurn">,
): Promise<void> {
  const [first] = await store.inbox.pending(conversation);
  if (!first) return;
  const lease = await store.leases.acquire(conversation, { session: newId("session"), place: first.place });
  if (lease) await startTurn(lease);
}
