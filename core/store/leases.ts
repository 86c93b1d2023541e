import { placeSchema, type Place } from "../conversation/place.ts";
import { conversationKey, listingIndex } from "./keys.ts";
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
}

export interface Leases {
  /** The new lease, or `undefined` while a turn has the conversation. `session` is used when there is none yet. */
  acquire(conversation: string, options: { session: string; place: Place }): Promise<Lease | undefined>;
  /** Lets go of the conversation; false when this turn does not hold it any more. `nextSession` replaces the session. */
  release(conversation: string, turn: number, nextSession?: string): Promise<boolean>;
  current(conversation: string): Promise<Lease | undefined>;
  /** Leases that nobody renewed in time: their turn is slow, or nobody works on it. */
  overdue(): Promise<Lease[]>;
  /** Looks at the lease again later; false when it ended meanwhile. */
  extend(lease: Lease, ms: number): Promise<boolean>;
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

  async function release(conversation: string, turn: number, nextSession?: string): Promise<boolean> {
    const item = await table.change(conversationKey(conversation), {
      update: `${nextSession ? "SET #session = :session " : ""}REMOVE leaseUntil, listing, listedAt`,
      condition: heldCondition,
      ...(nextSession && { names: { "#session": "session" } }),
      values: { ":turn": turn, ...(nextSession && { ":session": nextSession }) },
    });
    return item !== undefined;
  }

  async function current(conversation: string): Promise<Lease | undefined> {
    const item = await table.get(conversationKey(conversation));
    return item && toLease(item);
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

  return { acquire, release, current, overdue, extend };
}
