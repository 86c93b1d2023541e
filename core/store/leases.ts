import { placeSchema, type Place } from "../conversation/place.ts";
import { conversationKey, listingIndex, type Key } from "./keys.ts";
import type { Item, Table } from "./table.ts";

/**
 * Who has the conversation. The turn number is the fence: it grows with every lease, and each write to the
 * conversation names it. A lease has no owner but its turn, so a step that is run again goes on under the same one.
 */
export interface Lease {
  conversation: string;
  session: string;
  turn: number;
  place: Place;
  /** Held; `false` when the turn ended. */
  held: boolean;
  /** The turn waits: no function works on it until somebody wakes it, or its time has come. */
  isParked: boolean;
  /** The last session of the conversation that was opened before this one. */
  follows?: string;
  /** Messages that were in the queue when it was parked, and that it did not need. */
  leftWaiting: number;
  /** Of the machine that waits; absent before it does. */
  taskToken?: string;
}

export interface Leases {
  /** The new lease, or `undefined` while a turn has the conversation. `session` is used when there is none yet. */
  acquire(conversation: string, options: { session: string; place: Place }): Promise<Lease | undefined>;
  /** Lets go of the conversation; false when this turn does not hold it any more. `next` replaces the session. */
  release(conversation: string, turn: number, next?: NextSession): Promise<boolean>;
  current(conversation: string): Promise<Lease | undefined>;
  /**
   * Says that the turn is about to wait under this name, leaving so many messages in the queue; whoever puts something in the inbox afterwards wakes it. The state
   * machine then adds its task token (keys.ts, `tokenUpdate`), unless somebody woke the turn in between.
   * Returns the key of the item that the token goes to, or `undefined` when this turn does not hold the conversation any more.
   */
  park(conversation: string, turn: number, options: { parking: string; left: number }): Promise<Key | undefined>;
  /** The task token to answer when the turn is parked and the machine waits already; `undefined` when nobody must be woken. */
  wake(conversation: string): Promise<string | undefined>;
  /** Leases that nobody renewed in time: their turn is slow, or nobody works on it. */
  overdue(): Promise<Lease[]>;
  /** Looks at the lease again later; false when it ended meanwhile. */
  extend(lease: Lease, ms: number): Promise<boolean>;
}

/** What a conversation goes on with after `/new`. */
export interface NextSession {
  session: string;
  /** The last session that was opened before it. */
  follows?: string | undefined;
}

/** After this long the sweep looks whether anybody works on the turn. */
export const leaseMs = 60_000;

const listing = "LEASES";
const heldCondition = "turn = :turn AND attribute_exists(leaseUntil)";

const toLease = (item: Item): Lease => ({
  conversation: String(item["conversation"]),
  session: String(item["session"]),
  turn: Number(item["turn"]),
  place: placeSchema.parse(item["place"]),
  held: item["leaseUntil"] !== undefined,
  isParked: item["leaseUntil"] !== undefined && item["parked"] !== undefined,
  leftWaiting: Number(item["leftWaiting"] ?? 0),
  ...(typeof item["follows"] === "string" && { follows: item["follows"] }),
  ...(typeof item["taskToken"] === "string" && { taskToken: item["taskToken"] }),
});

const until = (ms: number) => ({ ":until": ms, ":listedAt": new Date(ms).toISOString() });

export function openLeases(table: Table, now: () => number): Leases {
  async function acquire(conversation: string, { session, place }: { session: string; place: Place }) {
    const item = await table.change(conversationKey(conversation), {
      update:
        "SET #session = if_not_exists(#session, :session), turn = if_not_exists(turn, :zero) + :one, place = :place, " +
        "conversation = :conversation, leaseUntil = :until, listing = :listing, listedAt = :listedAt",
      condition: "attribute_not_exists(leaseUntil)",
      returning: true,
      names: { "#session": "session" },
      values: {
        ":session": session,
        ":zero": 0,
        ":one": 1,
        ":place": place,
        ":conversation": conversation,
        ":listing": listing,
        ...until(now() + leaseMs),
      },
    });
    return item && toLease(item);
  }

  async function release(conversation: string, turn: number, next?: NextSession): Promise<boolean> {
    const { follows } = next ?? {};
    const replaced = next ? `SET #session = :session${follows ? ", follows = :follows" : ""} ` : "";
    const item = await table.change(conversationKey(conversation), {
      update: `${replaced}REMOVE leaseUntil, listing, listedAt, parked, taskToken, woken, leftWaiting`,
      condition: heldCondition,
      ...(next && { names: { "#session": "session" } }),
      values: { ":turn": turn, ...(next && { ":session": next.session }), ...(follows && { ":follows": follows }) },
    });
    return item !== undefined;
  }

  async function current(conversation: string): Promise<Lease | undefined> {
    const item = await table.get(conversationKey(conversation));
    return item && toLease(item);
  }

  async function park(
    conversation: string,
    turn: number,
    { parking, left }: { parking: string; left: number },
  ): Promise<Key | undefined> {
    const key = conversationKey(conversation);
    const item = await table.change(key, {
      update: "SET parked = :parking, leftWaiting = :left REMOVE taskToken, woken",
      condition: heldCondition,
      values: { ":turn": turn, ":parking": parking, ":left": left },
    });
    return item && key;
  }

  async function wake(conversation: string): Promise<string | undefined> {
    const item = await table.get(conversationKey(conversation));
    if (item?.["parked"] === undefined) return undefined;
    // Marked also when there is a token: the machine may be writing another one, since it did not hear that it wrote this.
    const marked = await table.change(conversationKey(conversation), {
      update: "SET woken = :parking",
      condition: "parked = :parking",
      returning: true,
      values: { ":parking": item["parked"] },
    });
    return marked?.["taskToken"] as string | undefined;
  }

  async function overdue(): Promise<Lease[]> {
    const items = await table.list({
      index: listingIndex,
      eventually: true,
      where: "listing = :listing AND listedAt < :now",
      values: { ":listing": listing, ":now": new Date(now()).toISOString() },
      limit: 100,
    });
    return items.map(toLease);
  }

  async function extend(lease: Lease, ms: number): Promise<boolean> {
    const item = await table.change(conversationKey(lease.conversation), {
      update: "SET leaseUntil = :until, listedAt = :listedAt",
      condition: heldCondition,
      values: { ":turn": lease.turn, ...until(now() + ms) },
    });
    return item !== undefined;
  }

  return { acquire, release, current, park, wake, overdue, extend };
}
