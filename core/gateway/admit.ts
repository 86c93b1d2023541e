import { messageOf } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { Platform } from "../platforms/platform.ts";
import type { DeliveryPorts } from "../turn/ports.ts";
import { identityOf, isAllowed, type AllowList } from "./authorise.ts";
import { conversationKeyOf } from "./conversation-key.ts";

export interface AdmitPorts extends Pick<DeliveryPorts, "clock" | "log" | "startTurn" | "channel"> {
  store: Pick<DeliveryPorts["store"], "inbox" | "leases" | "refusals">;
  profile: string;
  allowed: AllowList;
}

/**
 * Lets a verified message in: durably queued, and a turn started for it, before the platform is told that we have it.
 * Anything that fails here must reach the platform as a 5xx, so that it delivers again.
 */
export async function admit(message: Inbound, platform: Platform, ports: AdmitPorts): Promise<void> {
  if (!isAllowed(message, platform, ports.allowed)) return refuse(message, ports);
  const conversation = conversationKeyOf(ports.profile, message);
  const isNew = await ports.store.inbox.add(conversation, message);
  if (!isNew && (await ports.store.inbox.consumedBy(conversation, message.key)) !== undefined) return;
  const lease = await ports.store.leases.acquire(conversation, { session: newId("session"), place: message.place });
  if (lease) return ports.startTurn(lease);
  if (!isNew) await restart(conversation, ports);
}

/**
 * A repeated delivery whose message still waits: the turn that holds the conversation may never have been started,
 * because we died between lease and start. Starting it again is no harm.
 */
async function restart(conversation: string, ports: AdmitPorts): Promise<void> {
  const current = await ports.store.leases.current(conversation);
  if (current?.held) await ports.startTurn(current);
}

/** A stranger is told once, in words that help the owner to let them in, and never reaches a model. */
async function refuse(message: Inbound, ports: AdmitPorts): Promise<void> {
  const identity = identityOf(message);
  ports.log.info("stranger.refused", { identity });
  if (!(await ports.store.refusals.isFirst(ports.profile, identity))) return;
  const text = `Sorry, I only talk with people my owner has let in. If that should include you, ask for \`${identity}\` to be added to my allowed users.`;
  try {
    const { platform, outbound } = await ports.channel(message.place);
    await outbound.send(message.place, platform.render(text), { idempotencyKey: `refusal-${message.key}` });
  } catch (error) {
    ports.log.warn("stranger.not-told", { identity, reason: messageOf(error) });
  }
}
