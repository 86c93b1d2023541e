import { isKind, messageOf } from "../base/errors.ts";
import type { OwedTurn } from "../conversation/turn.ts";
import { nobody } from "./claim.ts";
import { measureOf, splitReply } from "../gateway/split.ts";
import type { Channel, DeliveryPorts } from "./ports.ts";

/** A reply that is one of these words alone is kept but not sent: nobody is waiting for it (hermes §2.11). */
const silence = /^\s*(\[SILENT\]|SILENT|NO_REPLY|NO REPLY)\s*$/;

/** Said before a part that may have arrived already, where the platform cannot tell a repeat. */
export const doubtNotice = "(I was interrupted while sending this, so you may be seeing it twice.)";

/** How often and how long one invocation waits for a platform that asked it to. */
const maxWaits = 3;
const maxWaitMs = 15_000;

export interface Delivery {
  session: string;
  owed: OwedTurn;
  /** The part that comes next may have been sent by a worker that died. */
  inDoubt: boolean;
}

/**
 * Sends what is owed and is not sent yet, part by part, saving each id. The first part becomes the draft's final text
 * where there is a draft: an edit, which cannot be doubled. Throws a retryable error when the platform is out of
 * reach; what the platform refuses for good is recorded as undeliverable.
 */
export async function deliver({ session, owed, inDoubt }: Delivery, ports: DeliveryPorts): Promise<void> {
  const record = { ...owed, sent: [...owed.sent] };
  const { claim, ...settled } = record;
  try {
    if (!silence.test(owed.reply)) await sendParts(session, record, inDoubt, ports);
    await ports.store.turns.settle(session, { ...settled, status: "delivered", deliveredAt: ports.clock.now() }, claim);
  } catch (error) {
    if (!isKind(error, "refused")) throw error;
    ports.log.error("delivery.refused", { session, turn: owed.turn, reason: messageOf(error) });
    await ports.store.turns.settle(session, { ...settled, status: "undeliverable", reason: error.message }, claim);
  }
}

async function sendParts(session: string, record: OwedTurn, inDoubt: boolean, ports: DeliveryPorts): Promise<void> {
  const channel = await ports.channel(record.place);
  const parts = splitReply(record.reply, channel.platform);
  const firstInDoubt = inDoubt && channel.platform.idempotency === "none" ? record.sent.length : -1;
  for (let index = record.sent.length; index < parts.length; index += 1) {
    const id = await politely(ports, session, record, () =>
      sendPart(channel, session, record, { index, text: parts[index] ?? "", isInDoubt: index === firstInDoubt }),
    );
    record.sent.push(id);
    if (index < parts.length - 1) await ports.store.turns.saveSent(session, record);
  }
}

interface Part {
  index: number;
  text: string;
  isInDoubt: boolean;
}

async function sendPart({ platform, outbound }: Channel, session: string, record: OwedTurn, part: Part) {
  const { place, draft, turn } = record;
  if (part.index === 0 && draft?.status === "created" && outbound.edit) {
    await outbound.edit(place, draft.id, part.text);
    return draft.id;
  }
  const isMaybeRepeat = part.isInDoubt || (part.index === 0 && draft?.status === "creating");
  const idempotencyKey = `${session}-${turn}-${part.index}`;
  if (!isMaybeRepeat || platform.idempotency === "key")
    return (await outbound.send(place, part.text, { idempotencyKey })).id;
  const notice = platform.render(doubtNotice);
  const together = `${notice}\n\n${part.text}`;
  const fitsInOne = measureOf(platform.limits)(together) <= platform.limits.maxLength;
  if (!fitsInOne) await outbound.send(place, notice, { idempotencyKey: `${idempotencyKey}-notice` });
  return (await outbound.send(place, fitsInOne ? together : part.text, { idempotencyKey })).id;
}

/** A platform that asks us to wait did not take the message: wait a little here, else let the machine wait. */
async function politely<Result>(
  { store, clock }: DeliveryPorts,
  session: string,
  record: OwedTurn,
  send: () => Promise<Result>,
): Promise<Result> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isKind(error, "retryable") || error.retryAfterMs === undefined) throw error;
      if (waits >= maxWaits || error.retryAfterMs > maxWaitMs) {
        await store.turns.takeOver(session, record, nobody);
        throw error;
      }
      await clock.sleep(error.retryAfterMs);
    }
  }
}

/** The platform answered that it did not take a message: it refused it, or asked us to wait. */
export const wasNotSent = (error: unknown): boolean =>
  isKind(error, "refused") || (isKind(error, "retryable") && error.retryAfterMs !== undefined);
