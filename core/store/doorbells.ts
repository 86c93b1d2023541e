import * as z from "zod";
import { placeSchema } from "../conversation/place.ts";
import { doorKey } from "./keys.ts";
import type { Table } from "./table.ts";

const doorstepSchema = z.object({
  conversation: z.string(),
  session: z.string(),
  /** The workspace that the job runs in. */
  workspace: z.string(),
  /** Where news of it go, and who began the turn that started it: they are for that person. */
  place: placeSchema,
  sender: z.string().default(""),
});
/** Where a job belongs. */
export type Doorstep = z.infer<typeof doorstepSchema>;

/**
 * A job's way back into its conversation. `wake`: the call that waits for it is looked at. `tell`: each ring becomes a
 * message. `closed`: nobody wants to know any more.
 */
const doorSchema = doorstepSchema.extend({ rings: z.enum(["wake", "tell", "closed"]) });
export type Door = z.infer<typeof doorSchema>;

/** Doors by the id of their job. The id is the only secret: who knows it may ring, and a ring is only a hint. */
export interface Doors {
  /** Opens a door, or changes how it rings; one that a call of another conversation waits behind is left as it is. */
  open(id: string, door: Door): Promise<void>;
  find(id: string): Promise<Door | undefined>;
  /** The number of this ring; `undefined` when it comes too soon after the last, or when there were too many. */
  countRing(id: string, gapMs: number): Promise<number | undefined>;
}

/** A job that runs longer than this reaches nobody. The turn that waits for it has ended before. */
const keptSeconds = 8 * 24 * 3600;
/** However long a job runs. */
const maxRings = 500;

export function openDoors(table: Table, now: () => number): Doors {
  async function open(id: string, door: Door): Promise<void> {
    const { conversation, session, workspace, place, sender, rings } = door;
    await table.change(doorKey(id), {
      update:
        "SET conversation = :conversation, #session = :session, workspace = :workspace, place = :place, " +
        "sender = :sender, rings = :rings, expiresAt = :expiresAt",
      condition: "attribute_not_exists(pk) OR conversation = :conversation OR rings <> :wake",
      names: { "#session": "session" },
      values: {
        ":conversation": conversation,
        ":session": session,
        ":workspace": workspace,
        ":place": place,
        ":sender": sender,
        ":rings": rings,
        ":wake": "wake",
        ":expiresAt": Math.floor(now() / 1000) + keptSeconds,
      },
    });
  }

  async function find(id: string): Promise<Door | undefined> {
    const item = await table.get(doorKey(id));
    return item && doorSchema.parse(item);
  }

  async function countRing(id: string, gapMs: number): Promise<number | undefined> {
    const item = await table.change(doorKey(id), {
      update: "SET rungAt = :now, rung = if_not_exists(rung, :zero) + :one",
      condition: "attribute_exists(pk) AND (attribute_not_exists(rungAt) OR (rungAt <= :before AND rung < :max))",
      returning: true,
      values: { ":now": now(), ":zero": 0, ":one": 1, ":before": now() - gapMs, ":max": maxRings },
    });
    return item && Number(item["rung"]);
  }

  return { open, find, countRing };
}
