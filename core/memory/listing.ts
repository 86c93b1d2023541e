/** What the numbers of a person's last list stand for, so that "forget 3" never means what became the third since. */
import * as z from "zod";
import { pack, unpack } from "../base/json.ts";
import { memoryListingKey } from "../store/keys.ts";
import type { Table } from "../store/table.ts";

const listingSchema = z.object({
  notes: z.array(z.object({ target: z.enum(["memory", "user"]), text: z.string() })),
  /** Ids of proposals. */
  proposals: z.array(z.string()),
});
export type Listing = z.infer<typeof listingSchema>;

/** The last list that a person was shown. */
export interface Listings {
  read(): Promise<Listing>;
  /** Parts that are not given stay as they were. */
  save(changes: Partial<Listing>): Promise<void>;
}

export function openListings(table: Table, profile: string, owner: string): Listings {
  const key = memoryListingKey(profile, owner);

  async function read(): Promise<Listing> {
    const item = await table.get(key);
    return item ? listingSchema.parse(unpack(item["body"] as Uint8Array)) : { notes: [], proposals: [] };
  }

  async function save(changes: Partial<Listing>): Promise<void> {
    const body = pack({ ...(await read()), ...changes });
    await table.change(key, { update: "SET body = :body", values: { ":body": body } });
  }

  return { read, save };
}
