import * as z from "zod";

const snapshot = z.object({
  /** Modal's id of the image; it is kept until we delete it. */
  image: z.string(),
  takenAt: z.number(),
});
export type Snapshot = z.infer<typeof snapshot>;

/** What we remember of a workspace between two functions. */
export const modalRecord = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("awake"),
    sandbox: z.string(),
    startedAt: z.number(),
    /** What the sandbox may reach (see ModalAccount); older records do not say. */
    network: z.string().default(""),
    /** What the sandbox was made from, and what the next one is made from should this one die. */
    snapshot: snapshot.nullable(),
  }),
  z.object({
    status: z.literal("asleep"),
    snapshot,
    /** The sandbox that the snapshot is of, until it is known to have ended. */
    retiring: z.string().nullable(),
  }),
]);
export type ModalRecord = z.infer<typeof modalRecord>;
