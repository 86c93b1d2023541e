/** The stages of a run, one function each. All of them may be broken off anywhere and begun again. */
import { pack } from "../../base/json.ts";
import {
  fitsProposal,
  type NotebookChange,
  type ProposalDraft,
  type ProposedChange,
  type SkillsChange,
} from "../../store/proposals.ts";
import { approve } from "./apply.ts";
import { inBatches } from "./batches.ts";
import { changeFrom, maxQuestionChars, questionAbout } from "./consolidation.ts";
import { problemOfChange } from "./curated-notebook.ts";
import { type Flaw, flawsFrom, flawsOf, questionAboutEntries } from "./notebook-flaws.ts";
import { packageOf, type SkillPackage } from "./package-of.ts";
import type { CuratedNotebook } from "./ports.ts";
import { isWhole } from "./preservation.ts";
import { basisOf, isNotebookChange, notebookQuestionIdOf, proposalIdOf, questionIdOf, sayChange } from "./proposal.ts";
import { askForJson } from "./question.ts";
import { subjectsOf } from "./survey.ts";
import { isCurated, type Transition, transitionOf } from "./transitions.ts";
import type { Work } from "./work.ts";

const keptBackups = 5;
const marksAtOnce = 8;
/** Fewer entries than this hardly contradict each other. */
const minEntries = 3;

export const backupPath = (run: string): string => `backups/${run}`;
export const planPath = (run: string): string => `reports/${run}/plan.json`;

/** The pointers of all skills: their revisions are immutable, so that this is all of the library. */
export async function backUp({ ports, run, save }: Work): Promise<void> {
  if (!run.isDry) await writeBackup(run.id, run.startedAt, ports);
  await save({ stage: "transitions" }, ({ backups }) =>
    run.isDry
      ? {}
      : {
          backups: [{ run: run.id, at: run.startedAt }, ...backups.filter((each) => each.run !== run.id)].slice(
            0,
            keptBackups,
          ),
        },
  );
}

export async function writeBackup(
  name: string,
  at: number,
  { skills, files }: Pick<Work["ports"], "skills" | "files">,
): Promise<void> {
  const all = [...(await skills.list()), ...(await skills.list({ archived: true }))];
  await files.put(backupPath(name), pack({ run: name, at, skills: all }));
}

/** The plan is kept first, so that the report knows all of it whoever ends the run. */
export async function passTime(work: Work): Promise<void> {
  const { ports, run, save } = work;
  const rules = { now: run.startedAt, pruneBundled: ports.settings.pruneBundled, referenced: work.referenced };
  const plan = (await readPlan(work)) ?? (await work.skills()).flatMap((skill) => transitionOf(skill, rules) ?? []);
  await ports.files.put(planPath(run.id), Buffer.from(JSON.stringify(plan)));
  await save({ hasPlan: true });
  if (run.isDry) return save({ stage: "consolidation" });
  await inBatches(plan, marksAtOnce, async ({ name, to, reason }) => {
    const current = await ports.skills.find(name);
    // Whoever used it meanwhile has decided otherwise.
    if (current && transitionOf(current, rules)?.to === to) await ports.skills.mark(name, { state: to }, { reason });
  });
  // Before a model is asked anything: a run that fails there is not begun anew every few hours.
  await save({ stage: "consolidation" }, () => ({ lastRunAt: run.startedAt }));
}

export async function readPlan({ ports, run }: Work): Promise<Transition[] | undefined> {
  if (!run.hasPlan) return undefined;
  return JSON.parse(Buffer.from(await ports.files.get(planPath(run.id))).toString("utf8")) as Transition[];
}

/** Whether one more question may be put in this run. */
const mayAsk = ({ run, ports }: Work): boolean => run.questions < ports.settings.maxQuestions;

/** What was approved and broken off before it was done. */
async function finishApproved({ ports, run }: Work): Promise<void> {
  const halfDone = run.isDry ? [] : await ports.proposals.list({ status: "approved" });
  for (const proposal of halfDone)
    if (proposal.status === "approved" && !proposal.isApplied) await approve(proposal, proposal.by, ports);
}

/** False when the time was over before the end. */
export async function consolidate(work: Work, isOutOfTime: () => boolean): Promise<boolean> {
  const { ports } = work;
  await finishApproved(work);
  const records = await work.skills();
  const survey = await work.survey();
  const curated = records.filter(
    (record) => record.origin === "learnt" && isCurated(record, { pruneBundled: false, referenced: work.referenced }),
  );
  for (const group of subjectsOf(survey, curated)) {
    if (!mayAsk(work)) break;
    if (isOutOfTime()) return false;
    const question = questionIdOf(group.map(basisOf));
    if (await ports.records.wasAsked(question)) continue;
    const packages = await packagesOf(
      work,
      group.map(({ name }) => name),
    );
    if (packages === undefined || (await askAboutSkills(work, packages))) await noteAsked(work, question);
  }
  await work.save({ stage: "memory" });
  return true;
}

const noteAsked = async ({ ports, run }: Work, question: string): Promise<void> => {
  if (!run.isDry) await ports.records.noteAsked(question);
};

/** `undefined` when the group does not fit into a question. */
async function packagesOf(work: Work, names: readonly string[]): Promise<SkillPackage[] | undefined> {
  const packages: SkillPackage[] = [];
  for (const name of names) {
    const record = await work.ports.skills.find(name);
    const read = record && record.state !== "archived" ? await packageOf(work.ports.skills, record) : undefined;
    if (read) packages.push(read);
  }
  const chars = packages.reduce((sum, { main }) => sum + main.length, 0);
  if (packages.length > 0 && chars <= maxQuestionChars) return packages;
  if (packages.length > 0) await work.note(`${names.join(", ")} are too long to be looked at together.`);
  return undefined;
}

/** False when the model did not answer as it should; then the next run asks again. */
async function askAboutSkills(work: Work, packages: readonly SkillPackage[]): Promise<boolean> {
  const { ports } = work;
  const { result, usage } = await askForJson(await ports.model(), questionAbout(packages));
  await work.spend(usage);
  const names = packages.map(({ record }) => record.name).join(", ");
  if (!result) {
    await work.note(`The model's answer about ${names} could not be read.`);
    return false;
  }
  const isTaken = async (name: string) => (await ports.skills.find(name)) !== undefined;
  for (const suggestion of result.proposals) {
    const made = await changeFrom(suggestion, packages, { skills: ports.skills, isTaken });
    if ("problem" in made) await work.note(made.problem);
    else await propose(work, made);
  }
  return true;
}

async function propose(
  work: Work,
  { change, reason, owner }: { change: ProposedChange; reason: string; owner?: string | undefined },
): Promise<void> {
  const { ports, run } = work;
  const id = proposalIdOf(change);
  const draft: ProposalDraft = {
    id,
    run: run.id,
    at: run.startedAt,
    reason,
    change,
    ...(owner !== undefined && { owner }),
  };
  if (!fitsProposal(draft)) return work.note(`A proposal to ${sayChange(change)} was too long.`);
  if (run.isDry) return void work.drafts.push(draft);
  const added = await ports.proposals.add(draft);
  if (added?.owner !== undefined) await work.save({ privateProposals: work.run.privateProposals + 1 });
  const proposal = added ?? (await ports.proposals.find(id));
  // One that a broken-off attempt left half done is finished, too.
  if (proposal && (isAutomatic(work, change) || proposal.status === "approved")) await approve(proposal, "auto", ports);
}

/** Nothing that loses content, and nobody's notes, are changed without a person. */
const isAutomatic = ({ ports }: Work, change: ProposedChange): change is SkillsChange =>
  ports.settings.auto && !isNotebookChange(change) && isWhole(change.preservation);

export async function tendMemory(work: Work, isOutOfTime: () => boolean): Promise<boolean> {
  for (const notebook of await work.ports.notebooks()) {
    if (isOutOfTime()) return false;
    const { entries } = await notebook.read();
    const texts = entries.map(({ text }) => text);
    const about = { notebook, texts };
    for (const flaw of flawsOf(entries, work.run.startedAt)) await proposeFlaw(work, about, flaw);
    const question = notebookQuestionIdOf(notebook.name, texts);
    if (entries.length < minEntries || !mayAsk(work) || (await work.ports.records.wasAsked(question))) continue;
    const asked = questionAboutEntries(entries);
    const { result, usage } = await askForJson(await work.ports.model(), asked);
    await work.spend(usage);
    for (const flaw of result ? flawsFrom(result, entries) : []) await proposeFlaw(work, about, flaw);
    if (result) await noteAsked(work, question);
  }
  await work.save({ stage: "report" });
  return true;
}

async function proposeFlaw(
  work: Work,
  { notebook: { name, owner }, texts }: { notebook: CuratedNotebook; texts: readonly string[] },
  { reason, ...flaw }: Flaw,
): Promise<void> {
  const change: NotebookChange = { kind: "memory", notebook: name, ...flaw };
  const problem = await problemOfChange(texts, change);
  if (problem !== undefined) return work.note(`What was to stand in the place of notes was left out. ${problem}`);
  return propose(work, { change, reason, owner });
}
