import { newId } from "../base/ids.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { DeliveryPorts } from "../turn/ports.ts";

export interface EnqueuePorts extends Pick<DeliveryPorts, "clock" | "startTurn" | "wakeTurn"> {
  store: Pick<DeliveryPorts["store"], "inbox" | "leases">;
}

/**
 * Queues a message durably and makes sure that a turn takes it: one is started, or the one that waits is woken; one that
 * runs looks by itself. Whoever fails half-way has to do it again.
 */
export async function enqueue(conversation: string, message: Inbound, ports: EnqueuePorts): Promise<void> {
  const { inbox, leases } = ports.store;
  const isNew = await inbox.add(conversation, message);
  if (!isNew && (await inbox.consumedBy(conversation, message.key)) !== undefined) return;
  const lease = await leases.acquire(conversation, { session: newId("session"), place: message.place });
  if (lease) return ports.startTurn(lease);
  const taskToken = await leases.wake(conversation);
  if (taskToken !== undefined) return ports.wakeTurn(taskToken);
  if (!isNew) await restart(conversation, ports);
}

/**
 * A repeated delivery whose message still waits: the turn that holds the conversation may never have been started,
 * because we died between lease and start. Starting it again is no harm.
 */
async function restart(conversation: string, ports: EnqueuePorts): Promise<void> {
  const current = await ports.store.leases.current(conversation);
  if (current?.held) await ports.startTurn(current);
}
