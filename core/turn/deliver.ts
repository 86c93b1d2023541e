import { isKind, messageOf } from "../base/errors.ts";
import type { Place } from "../conversation/place.ts";
import type { OwedTurn } from "../conversation/turn.ts";
import type { Button } from "../platforms/platform.ts";
import { isSuperseded, nobody, superseded } from "./claim.ts";
import type { Reply } from "./conclude.ts";
import { measureOf, splitReply } from "../gateway/split.ts";
import { patiently, wasNotSent } from "./patience.ts";
import type { Channel, DeliveryPorts } from "./ports.ts";

/** A reply that is one of these words alone is kept but not sent: nobody is waiting for it (as in Hermes Agent). */
const silence = /^\s*(\[SILENT\]|SILENT|NO_REPLY|NO REPLY)\s*$/;

/** Said before a part that may have arrived already, where the platform cannot tell a repeat. */
export const doubtNotice = "(I was interrupted while sending this, so you may be seeing it twice.)";

/** A platform that stays out of reach for longer than this does not get the reply any more. */
const maxOwedMs = 3_600_000;

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
    const deliveredAt = ports.clock.now();
    const isOurs = await ports.store.turns.settle(session, { ...settled, status: "delivered", deliveredAt }, claim);
    if (!isOurs) throw superseded();
    ports.log.info("turn.delivered", logged(session, record, deliveredAt));
  } catch (error) {
    if (!isHopeless(error, owed, ports)) throw error;
    const reason = messageOf(error);
    ports.log.error("delivery.given-up", { session, turn: owed.turn, reason });
    await ports.store.turns.settle(session, { ...settled, status: "undeliverable", reason }, claim);
  }
}

/** The platform refused the reply for good, or has been out of reach for too long. */
function isHopeless(error: unknown, { owedAt }: OwedTurn, { clock }: DeliveryPorts): boolean {
  if (isSuperseded(error)) return false;
  return isKind(error, "refused") || clock.now() - owedAt > maxOwedMs;
}

const logged = (session: string, owed: OwedTurn, deliveredAt: number) => {
  const { turn, outcome, sent, steps, usage, startedAt, activeMs, waitedMs } = owed;
  return {
    session,
    turn,
    outcome,
    steps,
    parts: sent.length,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    activeMs,
    waitedMs,
    ms: deliveredAt - startedAt,
  };
};

async function sendParts(session: string, record: OwedTurn, inDoubt: boolean, ports: DeliveryPorts): Promise<void> {
  const channel = await ports.channel(record.place);
  const parts = splitReply(record.reply, channel.platform);
  // Not sent for certain: then whoever tries again has nothing to doubt.
  const giveBack = async (error: unknown) => {
    if (isKind(error, "retryable") && wasNotSent(error)) await ports.store.turns.takeOver(session, record, nobody);
    throw error;
  };
  const firstInDoubt = inDoubt && channel.platform.idempotency === "none" ? record.sent.length : -1;
  const politely = patiently(ports.clock);
  for (let index = record.sent.length; index < parts.length; index += 1) {
    const part = {
      index,
      text: parts[index] ?? "",
      isInDoubt: index === firstInDoubt,
      ...(index === parts.length - 1 && buttonsOf({ ...(record.buttons && { buttons: record.buttons }) }, channel)),
    };
    record.sent.push(await politely(() => sendPart(channel, session, record, part)).catch(giveBack));
    if (index < parts.length - 1 && !(await ports.store.turns.saveSent(session, record))) throw superseded();
  }
}

interface Part {
  index: number;
  text: string;
  isInDoubt: boolean;
  buttons?: readonly Button[];
}

/** Too many for the platform are none: the text says in words what they would do. */
export const buttonsOf = (
  { buttons = [] }: Pick<Reply, "buttons">,
  { platform }: Channel,
): { buttons?: readonly Button[] } =>
  buttons.length > 0 && buttons.length <= (platform.limits.maxButtons ?? 0) ? { buttons } : {};

async function sendPart({ platform, outbound }: Channel, session: string, record: OwedTurn, part: Part) {
  const { place, draft, turn } = record;
  if (part.index === 0 && draft?.status === "created" && (await becomesFinal(outbound, place, draft.id, part.text)))
    return draft.id;
  const isMaybeRepeat = part.isInDoubt || (part.index === 0 && draft?.status === "creating");
  const idempotencyKey = `${session}-${turn}-${part.index}`;
  const options = { idempotencyKey, ...(part.buttons && { buttons: part.buttons }) };
  if (!isMaybeRepeat || platform.idempotency === "key") return (await outbound.send(place, part.text, options)).id;
  const notice = platform.render(doubtNotice);
  const together = `${notice}\n\n${part.text}`;
  const fitsInOne = measureOf(platform.limits)(together) <= platform.limits.maxLength;
  if (!fitsInOne) await outbound.send(place, notice, { idempotencyKey: `${idempotencyKey}-notice` });
  return (await outbound.send(place, fitsInOne ? together : part.text, options)).id;
}

/** The draft as the final text; false when it is not there any more (deleted, too old), so that a new message is needed. */
async function becomesFinal({ edit }: Channel["outbound"], place: Place, id: string, text: string): Promise<boolean> {
  if (!edit) return false;
  try {
    await edit(place, id, text);
    return true;
  } catch (error) {
    if (isKind(error, "refused")) return false;
    throw error;
  }
}
