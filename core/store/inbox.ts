import { inboundSchema, type Inbound } from "../conversation/inbound.ts";
import { pack, unpack } from "../base/json.ts";
import { conversationKey, inboxKey, pendingIndex } from "./keys.ts";
import type { Table } from "./table.ts";

const keptSeconds = 7 * 24 * 3600;
/** A flood of messages is taken in portions, so that one look at the queue stays small. */
const maxPending = 1_000;

/**
 * Dedupe and durable queue in one conditional write. A message waits while it has `pendingAt`, the sort key of a local
 * index; consuming it removes the attribute, so the queue reads consistently and never costs more than what waits,
 * while the item stays for seven days (the longest redelivery of a platform, WhatsApp's) to recognise a repeat.
 */
export interface Inbox {
  /** False when this message was accepted before. */
  add(conversation: string, message: Inbound): Promise<boolean>;
  /** The step or notice that consumed a message, or `undefined` while it waits. */
  consumedBy(conversation: string, key: string): Promise<string | undefined>;
  /** What waits, in the order it was sent: the first thousand at most. */
  pending(conversation: string): Promise<Inbound[]>;
  /**
   * Says that this worker is about to do what a message asks for. False when another one said so before: whether it was
   * done is unknown.
   */
  begin(conversation: string, key: string, claim: string): Promise<boolean>;
  /** Marks messages as consumed; again is no harm. */
  consume(conversation: string, keys: readonly string[], by: string): Promise<void>;
}

/** Sorts by the platform's clock, then by its own order. */
const pendingAt = (message: Inbound) => `${String(message.sentAt).padStart(15, "0")}#${message.order}#${message.key}`;

export function openInbox(table: Table, now: () => number): Inbox {
  const add = (conversation: string, message: Inbound) =>
    table.put(inboxKey(conversation, message.key), {
      pendingAt: pendingAt(message),
      body: pack(message),
      expiresAt: Math.floor(now() / 1000) + keptSeconds,
    });

  async function consumedBy(conversation: string, key: string): Promise<string | undefined> {
    const item = await table.get(inboxKey(conversation, key));
    return item?.["consumedBy"] as string | undefined;
  }

  async function pending(conversation: string): Promise<Inbound[]> {
    const items = await table.list({
      index: pendingIndex,
      where: "pk = :pk",
      values: { ":pk": conversationKey(conversation).pk },
      limit: maxPending,
    });
    return items.map((item) => inboundSchema.parse(unpack(item["body"] as Uint8Array)));
  }

  async function begin(conversation: string, key: string, claim: string): Promise<boolean> {
    const item = await table.change(inboxKey(conversation, key), {
      update: "SET begunBy = :claim",
      // Its own, too: a client asks again when it did not hear the answer.
      condition: "attribute_exists(pk) AND (attribute_not_exists(begunBy) OR begunBy = :claim)",
      values: { ":claim": claim },
    });
    return item !== undefined;
  }

  async function consume(conversation: string, keys: readonly string[], by: string): Promise<void> {
    const change = {
      update: "REMOVE pendingAt SET consumedBy = if_not_exists(consumedBy, :by)",
      condition: "attribute_exists(pk)",
      values: { ":by": by },
    };
    await Promise.all(keys.map((key) => table.change(inboxKey(conversation, key), change)));
  }

  return { add, consumedBy, pending, begin, consume };
}
