/** Changes that wait for the person's word: how they are made of a write, and put into a notebook later. */
import { isOverLimit, type Target, usageOf } from "./limits.ts";
import { type Author, type Note, type Proposal, textsOf } from "./note.ts";

/** So many may wait in one notebook; what comes then is refused, so that nothing proposed gets lost. */
export const maxProposals = 20;

/** What a write changes in texts; `undefined` when it only confirms. */
export function changeOf(
  before: readonly Note[],
  after: readonly Note[],
): Pick<Proposal, "remove" | "add"> | undefined {
  const [old, next] = [new Set(textsOf(before)), new Set(textsOf(after))];
  const remove = [...old].filter((text) => !next.has(text));
  const add = after.filter(({ text }) => !old.has(text));
  return remove.length + add.length === 0 ? undefined : { remove, add };
}

export interface Staging extends Author {
  id: string;
  now: number;
  reason: string;
}

/** The proposals with one more; the same ones when the change waits already, `undefined` when there is no room. */
export function staged(
  proposals: readonly Proposal[],
  change: Pick<Proposal, "remove" | "add">,
  { id, now, actor, session, reason }: Staging,
): readonly Proposal[] | undefined {
  const isSame = (other: Proposal) => wordingOf(other) === wordingOf(change);
  if (proposals.some(isSame)) return proposals;
  if (proposals.length >= maxProposals) return undefined;
  return [...proposals, { id, at: now, actor, ...(session !== undefined && { session }), reason, ...change }];
}

const wordingOf = ({ remove, add }: Pick<Proposal, "remove" | "add">): string => JSON.stringify([remove, textsOf(add)]);

/** The entries with a proposal in them: what is added takes the places of what goes, the rest comes last. */
export function withProposal(
  entries: readonly Note[],
  { remove, add }: Proposal,
  target: Target,
): { entries: Note[] } | { problem: string } {
  const missing = remove.find((text) => !entries.some((note) => note.text === text));
  if (missing !== undefined) return { problem: `the entry “${missing}” has been changed since` };
  const present = new Set(textsOf(entries));
  const waiting = add.filter(({ text }) => !present.has(text));
  const after = entries.flatMap((note) => (remove.includes(note.text) ? waiting.splice(0, 1) : [note]));
  const next = [...after, ...waiting];
  if (isOverLimit(target, next, entries))
    return { problem: `there is no room: it would be ${usageOf(target, textsOf(next))}` };
  return { entries: next };
}
