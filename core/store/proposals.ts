import * as z from "zod";
import { pack, unpack } from "../base/json.ts";
import { proposalKey, proposalPrefix } from "./keys.ts";
import type { Item, Table } from "./table.ts";

/** A skill as it was when the proposal was made: compare-and-set. */
const basisSchema = z.object({ name: z.string(), revision: z.string() });
export type Basis = z.infer<typeof basisSchema>;

/** A file of the next revision: its text, or a file of a revision that is carried over as it is. */
const nextFileSchema = z.union([
  z.object({ path: z.string(), text: z.string() }),
  z.object({ path: z.string(), kept: basisSchema.extend({ path: z.string() }) }),
]);
export type NextFile = z.infer<typeof nextFileSchema>;

const pieceSchema = z.object({
  kind: z.enum(["heading", "command", "code block", "number", "sentence", "file"]),
  text: z.string(),
});

const skillsChange = {
  from: z.array(basisSchema).min(1),
  /** `revision` is null for a skill that does not exist yet. */
  into: z.object({ name: z.string(), revision: z.string().nullable() }).nullable(),
  files: z.array(nextFileSchema),
  /** What would be gone: without a word, and declared. */
  preservation: z.object({ missing: z.array(pieceSchema), dropped: z.array(pieceSchema) }),
};

/**
 * `merge`: what `from` hold goes into `into`, and those of them that are not `into` are archived. `rewrite`: `from` is
 * one skill and `into` is the same. `archive`: `from` is archived; `into`, when there is one, holds all of it already.
 * `memory`: entries of a notebook that are stale, contradict each other, or say the same.
 */
export const changeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("merge"), ...skillsChange }),
  z.object({ kind: z.literal("rewrite"), ...skillsChange }),
  z.object({ kind: z.literal("archive"), ...skillsChange }),
  z.object({
    kind: z.literal("memory"),
    notebook: z.string(),
    flaw: z.enum(["stale", "contradicting", "duplicate"]),
    /** The texts as they were; each has to be there still. */
    entries: z.array(z.string()).min(1),
    /** What stands in their place; null for nothing. */
    next: z.string().nullable(),
  }),
]);
export type ProposedChange = z.infer<typeof changeSchema>;
export type NotebookChange = Extract<ProposedChange, { kind: "memory" }>;
export type SkillsChange = Exclude<ProposedChange, NotebookChange>;

const base = z.object({
  /** Made of what the change is and of what it starts from (core/learning/curator/proposal.ts). */
  id: z.string(),
  /** By which a person names it; never given twice in a profile. */
  number: z.number(),
  /** The run that made it. */
  run: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  reason: z.string(),
  change: changeSchema,
  /** The person whose notebook it is about: nobody else sees it. */
  owner: z.string().optional(),
});

/** `stale`: what it was made from has changed since. An approved one is `isApplied` once all of it is done. */
const proposalSchema = z.discriminatedUnion("status", [
  base.extend({ status: z.literal("open") }),
  base.extend({
    status: z.literal("approved"),
    by: z.enum(["person", "auto"]),
    isApplied: z.boolean(),
    note: z.string(),
  }),
  base.extend({ status: z.literal("rejected") }),
  base.extend({ status: z.literal("stale"), note: z.string() }),
]);
export type Proposal = z.infer<typeof proposalSchema>;
export type ProposalDraft = Omit<z.infer<typeof base>, "number">;

export interface Proposals {
  /** Adds an open proposal under the next number; `undefined` when one with its id was made before, whatever became of it. */
  add(draft: ProposalDraft): Promise<Proposal | undefined>;
  find(id: string): Promise<Proposal | undefined>;
  /** By number. `owner` sees their own and what concerns nobody alone; without it, only the latter. */
  list(options?: { owner?: string | undefined; status?: Proposal["status"] }): Promise<Proposal[]>;
  /** Replaces it; false when its status is not `was` any more. */
  decide(proposal: Proposal, was: Proposal["status"]): Promise<boolean>;
}

/** An item holds 400 KB (DynamoDB developer guide, "Quotas"). */
const maxBytes = 350_000;

/** Whether it fits into an item: a proposal that does not is not made. */
export const fitsProposal = (draft: ProposalDraft): boolean => pack(draft).length <= maxBytes;

const toProposal = (item: Item): Proposal => proposalSchema.parse(unpack(item["body"] as Uint8Array));

export function openProposals(table: Table, profile: string): Proposals {
  const itemOf = (proposal: Proposal): Item => ({
    status: proposal.status,
    body: pack(proposal),
    ...(proposal.owner !== undefined && { owner: proposal.owner }),
  });

  async function nextNumber(): Promise<number> {
    const key = proposalKey(profile, "");
    const counted = await table.change(key, { update: "ADD made :one", values: { ":one": 1 }, returning: true });
    return Number(counted?.["made"]);
  }

  async function add(draft: ProposalDraft): Promise<Proposal | undefined> {
    // A number is not wasted on what is there already.
    if ((await find(draft.id)) !== undefined) return undefined;
    const proposal: Proposal = { ...draft, number: await nextNumber(), status: "open" };
    return (await table.put(proposalKey(profile, draft.id), itemOf(proposal))) ? proposal : undefined;
  }

  async function find(id: string): Promise<Proposal | undefined> {
    if (id === "") return undefined;
    const item = await table.get(proposalKey(profile, id));
    return item && toProposal(item);
  }

  const list: Proposals["list"] = async ({ owner, status } = {}) => {
    const items = await table.list({
      where: "pk = :pk AND begins_with(sk, :prefix)",
      values: { ":pk": proposalKey(profile, "").pk, ":prefix": proposalPrefix },
    });
    return items
      .filter((item) => item["body"] !== undefined)
      .filter((item) => item["owner"] === undefined || item["owner"] === owner)
      .filter((item) => status === undefined || item["status"] === status)
      .map(toProposal)
      .sort((a, b) => a.number - b.number);
  };

  const decide: Proposals["decide"] = (proposal, was) =>
    table.put(proposalKey(profile, proposal.id), itemOf(proposal), {
      condition: "#status = :was",
      names: { "#status": "status" },
      values: { ":was": was },
    });

  return { add, find, list, decide };
}
