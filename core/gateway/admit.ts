import { messageOf } from "../base/errors.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { Platform } from "../platforms/platform.ts";
import type { DeliveryPorts } from "../turn/ports.ts";
import { identityOf, isAllowed, type AllowList } from "./authorise.ts";
import { conversationKeyOf } from "./conversation-key.ts";
import { enqueue, type EnqueuePorts } from "./enqueue.ts";

export interface AdmitPorts extends EnqueuePorts, Pick<DeliveryPorts, "log" | "channel"> {
  store: EnqueuePorts["store"] & Pick<DeliveryPorts["store"], "refusals">;
  profile: string;
  allowed: AllowList;
}

/**
 * Lets a verified message in: durably queued, and a turn started for it, before the platform is told that we have it.
 * Anything that fails here must reach the platform as a 5xx, so that it delivers again.
 */
export async function admit(message: Inbound, platform: Platform, ports: AdmitPorts): Promise<void> {
  if (!isAllowed(message, platform, ports.allowed)) return refuse(message, ports);
  await enqueue(conversationKeyOf(ports.profile, message), message, ports);
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
