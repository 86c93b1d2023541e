import * as z from "zod";
import { segmentsKey, segmentsPrefix } from "../store/keys.ts";
import type { Item, Table } from "../store/table.ts";

const partSchema = z.object({ key: z.string(), bytes: z.number() });
/** A segment that a month is made of, by its object's key; `bytes` is the size of its file. */
export type Part = z.infer<typeof partSchema>;

const monthSchema = z.object({
  month: z.string(),
  /** Grows with every change: compare-and-set. 0 is a month without an item. */
  version: z.number(),
  /** Oldest first. Where two hold the same message, the later one is right. */
  parts: z.array(partSchema),
  /** Keys that the last change replaced. The next one removes them, so that who has just read the item can go on. */
  replaced: z.array(z.string()),
});
export type Month = z.infer<typeof monthSchema>;

/** The pointers to an owner's segments, one item a month. */
export interface Months {
  /** Newest first. */
  list(): Promise<Month[]>;
  get(month: string): Promise<Month>;
  /** False when somebody else changed the month since `version - 1`. */
  put(month: Month): Promise<boolean>;
}

export function openMonths(table: Table, profile: string, owner: string): Months {
  const toMonth = ({ sk, ...item }: Item): Month =>
    monthSchema.parse({ ...item, month: String(sk).slice(segmentsPrefix(owner).length) });

  async function list(): Promise<Month[]> {
    const items = await table.list({
      where: "pk = :pk AND begins_with(sk, :prefix)",
      values: { ":pk": segmentsKey(profile, owner, "").pk, ":prefix": segmentsPrefix(owner) },
      backwards: true,
    });
    return items.map(toMonth);
  }

  async function get(month: string): Promise<Month> {
    const item = await table.get(segmentsKey(profile, owner, month));
    return item ? toMonth(item) : { month, version: 0, parts: [], replaced: [] };
  }

  const put = ({ month, ...item }: Month): Promise<boolean> =>
    table.put(
      segmentsKey(profile, owner, month),
      item,
      item.version === 1
        ? undefined
        : {
            condition: "#version = :before",
            names: { "#version": "version" },
            values: { ":before": item.version - 1 },
          },
    );

  return { list, get, put };
}

/** The month in which something happened (UTC), as `yyyy-mm`. */
export const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);
