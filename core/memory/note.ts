/** The vocabulary of memory: what a notebook holds, who wrote it, and what is proposed for it. */
import * as z from "zod";
import { actorSchema } from "../skills/skill.ts";

/** An entry of a notebook. Times are milliseconds since 1970; 0 stands for "before times were kept". */
export const noteSchema = z.object({
  text: z.string(),
  createdAt: z.number(),
  /** When its text was written last. */
  updatedAt: z.number(),
  /** When somebody last said the same, or wrote it. */
  confirmedAt: z.number(),
  /** The session in which its text was written last. */
  session: z.string().optional(),
  /** Who wrote its text last. */
  actor: actorSchema,
});
export type Note = z.infer<typeof noteSchema>;

/** Who writes, and where. */
export interface Author {
  actor: Note["actor"];
  session?: string;
}

/** A change that waits for the person: it goes by texts, since the notebook may have moved on when it is approved. */
export const proposalSchema = z.object({
  id: z.string(),
  at: z.number(),
  actor: actorSchema,
  session: z.string().optional(),
  reason: z.string(),
  /** Texts of the entries that go. */
  remove: z.array(z.string()),
  add: z.array(noteSchema),
});
export type Proposal = z.infer<typeof proposalSchema>;

/** What the table holds of one notebook. */
export const notebookRecordSchema = z.object({ entries: z.array(noteSchema), proposals: z.array(proposalSchema) });
export type NotebookRecord = z.infer<typeof notebookRecordSchema>;

const firstRecordSchema = z.array(z.string());

/** The one place that knows older records: the first ones were a list of texts, written by the agent. */
export function upgradeNotebook(stored: unknown): NotebookRecord {
  const first = firstRecordSchema.safeParse(stored);
  if (!first.success) return notebookRecordSchema.parse(stored);
  const entries = first.data.map((text) => ({
    text,
    createdAt: 0,
    updatedAt: 0,
    confirmedAt: 0,
    actor: "agent" as const,
  }));
  return { entries, proposals: [] };
}

/** A note as it is when its text is written. */
export const writtenNote = (text: string, { actor, session }: Author, now: number): Note => ({
  text,
  createdAt: now,
  updatedAt: now,
  confirmedAt: now,
  ...(session !== undefined && { session }),
  actor,
});

export const textsOf = (notes: readonly Note[]): string[] => notes.map(({ text }) => text);

/** Equal to the byte, times and authors included; the order of fields does not count. */
export const isSameNotes = (a: readonly Note[], b: readonly Note[]): boolean =>
  a.length === b.length && a.every((note, at) => canonical(note) === canonical(b[at]));

const canonical = (note: Note | undefined): string =>
  JSON.stringify(note && Object.entries(note).sort(([one], [other]) => (one < other ? -1 : 1)));
