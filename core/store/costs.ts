import * as z from "zod";
import { addUsage, noUsage, usageSchema, type Usage } from "../conversation/usage.ts";
import { costKey } from "./keys.ts";
import type { Table } from "./table.ts";

/** What one piece of background work has used so far: a row of the bill that nobody's turn shows. */
export const costRowSchema = z.object({
  /** For example `background_review`. */
  task: z.string(),
  /** Tells the rows of a task apart; writing a row again replaces it, so that nothing counts twice. */
  id: z.string(),
  /** When the work began, which decides its month: milliseconds since 1970. */
  at: z.number(),
  /** `provider/model`. */
  model: z.string(),
  usage: usageSchema,
  /** What it followed, when it followed a turn. */
  session: z.string().optional(),
  turn: z.number().optional(),
});
export type CostRow = z.infer<typeof costRowSchema>;

export interface Costs {
  put(row: CostRow): Promise<void>;
  /** All that a task has used in the month of `at`, UTC. */
  ofMonth(task: string, at: number): Promise<Usage>;
}

const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);

export function openCosts(table: Table, profile: string): Costs {
  async function put(row: CostRow): Promise<void> {
    await table.change(costKey(profile, monthOf(row.at), row.task, row.id), {
      update: "SET #row = :row",
      names: { "#row": "row" },
      values: { ":row": row },
    });
  }

  async function ofMonth(task: string, at: number): Promise<Usage> {
    const { pk, sk } = costKey(profile, monthOf(at), task, "");
    const items = await table.list({
      where: "pk = :pk AND begins_with(sk, :prefix)",
      values: { ":pk": pk, ":prefix": sk },
    });
    return items.map((item) => costRowSchema.parse(item["row"]).usage).reduce(addUsage, noUsage);
  }

  return { put, ofMonth };
}
