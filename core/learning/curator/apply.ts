/** Doing what a proposal says, exactly once, and only to what it was made from. */
import { treeOf } from "../../skills/library.ts";
import type { SkillLibrary, SkillRecord } from "../../skills/skill.ts";
import type { Basis, NotebookChange, Proposal, ProposedChange, SkillsChange } from "../../store/proposals.ts";
import { problemOfChange, textsAfter } from "./curated-notebook.ts";
import { filesOf } from "./package-of.ts";
import type { ApplyPorts } from "./ports.ts";
import { isNotebookChange } from "./proposal.ts";

/** Others write too; after so many lost races the next attempt has to be a person's. */
const maxAttempts = 5;

export type Settled = { proposal: Proposal; isDone: boolean; note: string };

type Done = { isDone: true; note: string } | { isDone: false; why: string };
const failed = (why: string): Done => ({ isDone: false, why });

/**
 * Approves an open proposal and does it. It is noted as approved first: a crash in between leaves one that `approve`
 * finishes, every part of which is harmless to repeat.
 */
export async function approve(proposal: Proposal, by: "person" | "auto", ports: ApplyPorts): Promise<Settled> {
  if (proposal.status === "open") {
    const why = await whyStale(proposal.change, ports);
    const next: Proposal =
      why === undefined
        ? { ...proposal, status: "approved", by, isApplied: false, note: "" }
        : { ...proposal, status: "stale", note: why };
    if (!(await ports.proposals.decide(next, "open"))) return decidedBefore(proposal, ports);
    return next.status === "approved" ? finish(next, ports) : { proposal: next, isDone: false, note: next.note };
  }
  if (proposal.status === "approved" && !proposal.isApplied) return finish(proposal, ports);
  return { proposal, isDone: proposal.status === "approved", note: `It was decided before: ${proposal.status}.` };
}

export async function reject(proposal: Proposal, { proposals }: Pick<ApplyPorts, "proposals">): Promise<Settled> {
  const { id, number, run, at, reason, change, owner } = proposal;
  const next: Proposal = {
    id,
    number,
    run,
    at,
    reason,
    change,
    ...(owner !== undefined && { owner }),
    status: "rejected",
  };
  const isDone = proposal.status === "open" && (await proposals.decide(next, "open"));
  return isDone
    ? { proposal: next, isDone, note: "Rejected; it will not come again as long as nothing about it is new." }
    : { proposal, isDone, note: `It was decided before: ${proposal.status}.` };
}

async function decidedBefore(proposal: Proposal, { proposals }: ApplyPorts): Promise<Settled> {
  const now = (await proposals.find(proposal.id)) ?? proposal;
  return { proposal: now, isDone: false, note: `Somebody decided it at the same time: ${now.status}.` };
}

async function finish(proposal: Extract<Proposal, { status: "approved" }>, ports: ApplyPorts): Promise<Settled> {
  const { change, reason, number } = proposal;
  const why = `Proposal ${number} of the curator, approved ${proposal.by === "auto" ? "by the config" : "by its owner"}: ${reason}`;
  const done = isNotebookChange(change)
    ? await applyNotebook(change, proposal.owner, why, ports)
    : await applySkills(change, why, ports.skills);
  const { id, run, at, owner } = proposal;
  const plain = { id, number, run, at, reason, change, ...(owner !== undefined && { owner }) };
  const next: Proposal = done.isDone
    ? { ...proposal, isApplied: true, note: done.note }
    : { ...plain, status: "stale", note: done.why };
  await ports.proposals.decide(next, "approved");
  return { proposal: next, isDone: done.isDone, note: done.isDone ? done.note : done.why };
}

/** Why a change cannot be made any more as it was meant; `undefined` when it can. */
async function whyStale(change: ProposedChange, { skills }: ApplyPorts): Promise<string | undefined> {
  if (isNotebookChange(change)) return undefined;
  for (const basis of change.from) {
    const why = whyMoved(await skills.find(basis.name), basis);
    if (why !== undefined) return why;
  }
  return whyTargetMoved(change, skills);
}

async function whyTargetMoved({ from, into }: SkillsChange, skills: SkillLibrary): Promise<string | undefined> {
  if (into === null || from.some(({ name }) => name === into.name)) return undefined;
  const current = await skills.find(into.name);
  if (into.revision !== null) return whyMoved(current, { name: into.name, revision: into.revision });
  return current && `There is a skill ${into.name} by now.`;
}

function whyMoved(current: SkillRecord | undefined, { name, revision }: Basis): string | undefined {
  if (!current) return `There is no skill ${name} any more.`;
  if (current.state === "archived") return `${name} was archived since.`;
  if (current.isPinned) return `${name} was pinned since.`;
  if (current.origin !== "learnt") return `${name} belongs to a person now.`;
  return current.revision === revision ? undefined : `${name} was changed since; the next run looks at it anew.`;
}

async function applySkills(change: SkillsChange, reason: string, skills: SkillLibrary): Promise<Done> {
  const { kind, into } = change;
  if (kind !== "archive") {
    const committed = await commitTarget(change, reason, skills);
    if (!committed.isDone) return committed;
  }
  const left: string[] = [];
  for (const basis of change.from.filter(({ name }) => name !== into?.name)) {
    const problem = await archive(basis, { reason, ...(into !== null && { absorbedInto: into.name }) }, skills);
    if (problem !== undefined) left.push(problem);
  }
  if (kind === "archive" && left.length > 0) return failed(left.join(" "));
  return { isDone: true, note: left.join(" ") };
}

async function commitTarget(
  { into, files: planned }: SkillsChange,
  reason: string,
  skills: SkillLibrary,
): Promise<Done> {
  const files = await filesOf(skills, planned);
  if (into === null || files === undefined) return failed("A file that it carries over cannot be read.");
  const wanted = treeOf(files).revision;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const current = await skills.find(into.name);
    if (current?.revision === wanted && current.state !== "archived") return { isDone: true, note: "" };
    const why =
      current && into.revision !== null ? whyMoved(current, { name: into.name, revision: into.revision }) : undefined;
    if (why !== undefined || (current === undefined) !== (into.revision === null))
      return failed(why ?? `${into.name} is not what it was.`);
    if (current) await lookAt(current, skills);
    const committed = await skills.commit({ name: into.name, files, version: current?.version ?? 0, reason });
    if (committed.ok) return { isDone: true, note: "" };
    if (!committed.conflict) return failed(committed.problem);
  }
  return failed(`${into.name} kept being changed by others.`);
}

/** The library lets the curator change only files that it has read. */
async function lookAt(current: SkillRecord, skills: SkillLibrary): Promise<void> {
  for (const { path } of current.files) {
    await skills.readFile(current, path);
    await skills.count(current.name, "view");
  }
}

/** What is left as it is, and why, in a sentence. */
async function archive(
  basis: Basis,
  reason: { reason: string; absorbedInto?: string },
  skills: SkillLibrary,
): Promise<string | undefined> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const current = await skills.find(basis.name);
    if (current?.state === "archived") return undefined;
    const why = whyMoved(current, basis);
    if (why !== undefined) return `${basis.name} was left as it is: ${why}`;
    const marked = await skills.mark(basis.name, { state: "archived" }, reason);
    if (marked.ok) return undefined;
    if (!marked.conflict) return `${basis.name} was left as it is: ${marked.problem}`;
  }
  return `${basis.name} was left as it is: it kept being changed by others.`;
}

async function applyNotebook(
  change: NotebookChange,
  owner: string | undefined,
  reason: string,
  { notebook }: ApplyPorts,
): Promise<Done> {
  const book = notebook(change.notebook, owner);
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const { entries, version } = await book.read();
    const texts = entries.map(({ text }) => text);
    if (!change.entries.every((entry) => texts.includes(entry)))
      return failed("An entry that it is about is not there any more.");
    const problem = await problemOfChange(texts, change);
    if (problem !== undefined) return failed(problem);
    if (await book.write(textsAfter(texts, change), version, reason)) return { isDone: true, note: "" };
  }
  return failed("Others kept changing the notebook.");
}
