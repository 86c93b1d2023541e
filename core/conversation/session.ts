import * as z from "zod";

/** One history in a conversation, from `/new` to `/new`. Written once; all that grows lives in its steps. */
export const sessionSchema = z.object({
  id: z.string(),
  conversation: z.string(),
  /** Who it belongs to: a person in a direct conversation, the conversation itself in a group. */
  owner: z.string(),
  startedAt: z.number(),
  /**
   * It goes on where this other session of the owner stood after this turn; that one stays as it is. `before`: those that
   * it continued itself, the nearest first.
   */
  continues: z.object({ session: z.string(), turn: z.number(), before: z.array(z.string()).optional() }).optional(),
  /** The session that the conversation had before, where there was one: what it counts up to a review goes on in this one. */
  follows: z.string().optional(),
  /** First turn of the active window; earlier turns are summarised away but stay readable. */
  firstTurn: z.number(),
  /** The prompt prefix, frozen: a promise of ARCHITECTURE.md. */
  system: z.string(),
  tools: z.array(
    z.object({ name: z.string(), description: z.string(), parameters: z.record(z.string(), z.unknown()) }),
  ),
});
export type Session = z.infer<typeof sessionSchema>;
