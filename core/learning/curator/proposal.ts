/** The names of proposals and of the questions behind them, and what is said of them. Pure. */
import { createHash } from "node:crypto";
import type { Button } from "../../platforms/platform.ts";
import type { SkillRecord } from "../../skills/skill.ts";
import type { Basis, NotebookChange, ProposedChange } from "../../store/proposals.ts";

export const isNotebookChange = (change: ProposedChange): change is NotebookChange => change.kind === "memory";

const digestOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 26);

const sayBases = (bases: readonly Basis[]): string[] => bases.map(({ name, revision }) => `${name}@${revision}`).sort();

/**
 * The same change of the same state has the same id, so that a run that is taken up again makes no second one, and what
 * was rejected is not proposed again until something about it is new.
 */
export function proposalIdOf(change: ProposedChange): string {
  if (isNotebookChange(change)) return `prop_${digestOf([change.notebook, change.flaw, change.entries.toSorted()])}`;
  return `prop_${digestOf([change.kind, sayBases(change.from), change.into?.name ?? null])}`;
}

export const basisOf = ({ name, revision }: SkillRecord): Basis => ({ name, revision });

/** Names a question that was put to the model: these skills, in these revisions. */
export const questionIdOf = (skills: readonly Basis[]): string => digestOf(sayBases(skills));

/** The same for the entries of a notebook. */
export const notebookQuestionIdOf = (notebook: string, entries: readonly string[]): string =>
  digestOf([notebook, entries]);

/** One line without Markdown, for lists and notices. */
export function sayChange(change: ProposedChange): string {
  if (isNotebookChange(change)) return `${flaws[change.flaw]} (${sayNotebook(change.notebook)})`;
  const names = change.from.map(({ name }) => name).join(", ");
  const into = change.into?.name;
  if (change.kind === "rewrite") return `rewrite ${names}`;
  if (change.kind === "archive")
    return into === undefined ? `archive ${names}` : `archive ${names}, which ${into} holds`;
  return `merge ${names} into ${into}`;
}

const flaws = {
  stale: "a note that nobody confirmed for long",
  contradicting: "notes that contradict each other",
  duplicate: "notes that say the same",
} as const;

/** `user#…` and `memory#…` belong to persons: their ids are not for display. */
const sayNotebook = (notebook: string): string =>
  notebook.startsWith("user") ? "about the person" : "the agent's own";

const decisions = ["approve", "reject", "diff"] as const;
export type Decision = (typeof decisions)[number];

/** What the button of a proposal means; `undefined` when the payload is none of ours. */
export function pressedProposal(payload: string): { id: string; decision: Decision } | undefined {
  const [, id, word] = /^(prop_[0-9a-f]{26}):([a-z]+)$/.exec(payload) ?? [];
  const decision = decisions.find((each) => each === word);
  return id === undefined || decision === undefined ? undefined : { id, decision };
}

export const payloadOf = (id: string, decision: Decision): string => `${id}:${decision}`;

/** Below a proposal that is shown whole. */
export const decisionsOn = ({ id }: { id: string }): Button[] => [
  { payload: payloadOf(id, "approve"), label: "Approve" },
  { payload: payloadOf(id, "reject"), label: "Reject" },
];

/** Of several: a notice is no report. */
export const maxShown = 5;

/** Below a list of several: each leads to the proposal, which has the buttons that decide. */
export const showingOf = (proposals: readonly { id: string; number: number }[]): Button[] =>
  proposals.slice(0, maxShown).map(({ id, number }) => ({ payload: payloadOf(id, "diff"), label: `Show ${number}` }));
