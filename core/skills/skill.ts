/** The vocabulary of skills. A skill is a folder in the AgentSkills format: SKILL.md with YAML front matter, and files beside it. */
import * as z from "zod";

/** A file of a skill: its path from the skill's folder, and its text or bytes. */
export interface SkillFile {
  path: string;
  content: string | Uint8Array;
}

/** Who changed something: the person or the agent in a conversation, the review after a turn, the curator, a deployment. */
export const actorSchema = z.enum(["person", "agent", "review", "curator", "deployment"]);
export type Actor = z.infer<typeof actorSchema>;

/**
 * Where a skill came from. `learnt`: the review wrote it, or a person adopted it, so the review and the curator may change
 * it. `person`: written in a conversation. `bundled`: shipped with Talaria. `hub`: imported. Never inferred.
 */
export const originSchema = z.enum(["learnt", "person", "bundled", "hub"]);

/**
 * `trial`: the agent wrote it and nobody has used it again yet. `stale`: nobody has used it for a month.
 * `archived`: not shown any more; kept, and can be brought back.
 */
export const skillStateSchema = z.enum(["trial", "active", "stale", "archived"]);

/** What is known of a skill without opening it; one item of the table. */
export const skillRecordSchema = z.object({
  name: z.string(),
  description: z.string(),
  category: z.string(),
  /** The tree of files that is current: a hash of its paths and contents. */
  revision: z.string(),
  /** Grows with every change of this record: compare-and-set. */
  version: z.number(),
  state: skillStateSchema,
  /** Of one that went out of use: the state in which it comes back. */
  stateInUse: z.enum(["trial", "active"]).optional(),
  isPinned: z.boolean(),
  origin: originSchema,
  /** The revision that a deployment seeded last, so that a skill changed since is never overwritten. */
  seededRevision: z.string().optional(),
  files: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })),
  /** When the skill is offered: names of tools or toolsets that must, or must not, be there. */
  conditions: z.object({
    requiresTools: z.array(z.string()),
    requiresToolsets: z.array(z.string()),
    fallbackForTools: z.array(z.string()),
    fallbackForToolsets: z.array(z.string()),
  }),
  /** Names of variables that it needs in the shell; what is missing is its setup status. */
  requiredEnvironment: z.array(z.string()),
  /** Operating systems that it is for (linux, macos, windows); empty or absent means everywhere. */
  platforms: z.array(z.string()).optional(),
  /** Milliseconds since 1970; 0 stands for never. */
  createdAt: z.number(),
  usedAt: z.number(),
  viewedAt: z.number(),
  patchedAt: z.number(),
  /** When it was brought back, so that time alone does not take it away again at once; absent stands for never. */
  restoredAt: z.number().optional(),
  uses: z.number(),
  views: z.number(),
  patches: z.number(),
  /** Patches up to which it has been used again: a patch that nobody used since has proved nothing. */
  reusedPatches: z.number(),
  /** Turns that went wrong although it was loaded, or because of it: a tool failed after it, or the person corrected. */
  unhelpful: z.number(),
});
export type SkillRecord = z.infer<typeof skillRecordSchema>;

/** What is counted of a skill apart from its changes; the ledger keeps none of it. */
export const counters = {
  usedAt: true,
  viewedAt: true,
  uses: true,
  views: true,
  patches: true,
  reusedPatches: true,
  unhelpful: true,
} as const;

/** A use: its instructions were loaded into a prompt. A view: one of its other files was read. */
export type Counted = "view" | "use" | "unhelpful";

/**
 * What may be changed of a skill apart from its files. `restored` brings one that is stale or archived back as it was in
 * use, and leaves one in use as it is: a trial ends by use alone.
 */
export interface SkillMarks extends Partial<Pick<SkillRecord, "isPinned" | "origin">> {
  state?: SkillRecord["state"] | "restored";
}

/** Why a change was made, for the ledger. */
export interface Reason {
  /** One sentence. */
  reason: string;
  /** The skill that takes over what this one held, when it is archived for that. */
  absorbedInto?: string;
}

/** The next state of a skill, whole: files that are not in it are gone from the new revision (never from the old one). */
export interface SkillChange extends Reason {
  name: string;
  files: readonly SkillFile[];
  /** The record's version that this change was made from; 0 for a new skill. */
  version: number;
}

export type Committed =
  | { ok: true; record: SkillRecord }
  /** Somebody else changed it meanwhile. */
  | { ok: false; conflict: true }
  /**
   * Not allowed, or not valid; the sentence is for the model. `adoptable`: the skill that would have been improved instead,
   * were it not somebody's who can allow it.
   */
  | { ok: false; conflict: false; problem: string; adoptable?: string };

/**
 * The skills of one profile as one actor may see and change them. Every change makes an immutable revision and a line in
 * the ledger; nothing is ever deleted.
 */
export interface SkillLibrary {
  /** All that are not archived, by name. */
  list(options?: { archived?: boolean }): Promise<SkillRecord[]>;
  find(name: string): Promise<SkillRecord | undefined>;
  /** `undefined` when the revision has no such file. */
  readFile(record: Pick<SkillRecord, "name" | "revision">, path: string): Promise<Uint8Array | undefined>;
  commit(change: SkillChange): Promise<Committed>;
  /** Archives, brings back, pins, adopts: what is not about files. */
  mark(name: string, change: SkillMarks, reason: Reason): Promise<Committed>;
  /** Counts what came of it; must not fail a turn. */
  count(name: string, what: Counted): Promise<void>;
}
