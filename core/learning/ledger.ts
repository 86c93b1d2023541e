/** What was learnt, by whom, from what, and how to undo it: one line for every change of a skill or a notebook. */
import * as z from "zod";
import { actorSchema } from "../skills/skill.ts";

export const ledgerEntrySchema = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  actor: actorSchema,
  /** What was changed: a skill by its name, or a notebook by its store's name (`memory`, `user#<owner>`). */
  subject: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("skill"), name: z.string() }),
    z.object({ kind: z.literal("notebook"), name: z.string() }),
  ]),
  action: z.enum(["create", "change", "archive", "restore", "mark", "undo"]),
  /** The state before and after: for a skill its record without the counters, for a notebook its entries; null for none. */
  before: z.json(),
  after: z.json(),
  reason: z.string(),
  /** The person it concerns, when it is private to one. */
  owner: z.string().optional(),
  /** The conversation's session and turn it was learnt from. */
  session: z.string().optional(),
  turn: z.number().optional(),
  /** The entry that undid this one. */
  undoneBy: z.string().optional(),
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

/** Append-only. Entries of a person's own notebook are seen by that person alone. */
export interface Ledger {
  append(entry: Omit<LedgerEntry, "id" | "at">): Promise<LedgerEntry>;
  /** Newest first. `owner` sees their own and what concerns nobody alone. */
  list(options: { owner: string; before?: string; limit?: number }): Promise<LedgerEntry[]>;
  find(id: string): Promise<LedgerEntry | undefined>;
  /** False when it was undone before. */
  markUndone(id: string, by: string): Promise<boolean>;
}
