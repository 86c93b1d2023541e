/** What a run did, for machines (run.json), for a person (REPORT.md) and in a line. Pure. */
import type { CuratorRun } from "../../store/curator.ts";
import type { Proposal, ProposalDraft, ProposedChange } from "../../store/proposals.ts";
import { type Grade, countVerdicts, verdicts } from "./grade.ts";
import { isWhole, sayPiece } from "./preservation.ts";
import { isNotebookChange, sayChange } from "./proposal.ts";
import type { Transition } from "./transitions.ts";

export interface ReportParts {
  run: CuratorRun;
  endedAt: number;
  model: string;
  transitions: readonly Transition[];
  grades: readonly Grade[];
  /** Those of this run, without what is private to a person; of a dry run drafts. */
  proposals: readonly (Proposal | ProposalDraft)[];
  /** How many proposals are private to persons. */
  privateProposals: number;
}

const statusOf = (proposal: Proposal | ProposalDraft): string => ("status" in proposal ? proposal.status : "draft");

/** One line, for example "2 proposals, 1 archived, 3 stale". */
export function headlineOf({ transitions, proposals, privateProposals }: ReportParts): string {
  const to = (state: Transition["to"]) => transitions.filter((transition) => transition.to === state).length;
  const count = (number: number, one: string, many = one) =>
    number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  const said = [
    ...count(proposals.length + privateProposals, "proposal", "proposals"),
    ...count(proposals.filter((each) => statusOf(each) === "approved").length, "applied"),
    ...count(to("archived"), "archived"),
    ...count(to("stale"), "stale"),
    ...count(to("active") + to("trial"), "in use again"),
  ];
  return said.length === 0 ? "nothing to do" : said.join(", ");
}

export const hasNews = ({ transitions, proposals, privateProposals }: ReportParts): boolean =>
  transitions.length + proposals.length + privateProposals > 0;

export function runJson(parts: ReportParts): object {
  const { run, endedAt, model, transitions, grades, proposals, privateProposals } = parts;
  return {
    run: run.id,
    dry: run.isDry,
    manual: run.isManual,
    startedAt: new Date(run.startedAt).toISOString(),
    durationMs: endedAt - run.startedAt,
    attempts: run.attempts,
    model,
    questions: run.questions,
    usage: run.usage,
    skills: grades.length,
    verdicts: countVerdicts(grades),
    transitions,
    proposals: proposals.map((proposal) => ({
      id: proposal.id,
      status: statusOf(proposal),
      reason: proposal.reason,
      change: summaryOf(proposal.change),
    })),
    privateProposals,
    problems: run.problems,
    grades,
  };
}

/** Without the texts: the proposal itself has them. */
const summaryOf = (change: ProposedChange): object =>
  isNotebookChange(change)
    ? { kind: change.kind, flaw: change.flaw }
    : { ...change, files: change.files.map(({ path }) => path) };

/** A table of thousands of skills helps nobody: the report shows those that need a look, run.json has all. */
const maxRows = 100;

export function reportText(parts: ReportParts): string {
  const { run, endedAt, transitions, grades, proposals, privateProposals } = parts;
  const counts = countVerdicts(grades);
  const sections = [
    `# Curator ${run.id}${run.isDry ? " (dry run: nothing was changed)" : ""}`,
    `${headlineOf(parts)}. ${grades.length} skills, ${askedText(parts)}, ${sayDuration(endedAt - run.startedAt)}.`,
    section("Proposals", [
      ...proposals.map(sayProposal),
      ...(privateProposals > 0
        ? [`- ${privateProposals} about persons' own notes: each person sees theirs with \`/memory pending\``]
        : []),
    ]),
    section(
      run.isDry ? "What time would change" : "What time changed",
      transitions.slice(0, maxRows).map(({ name, from, to, reason }) => `- ${name}: ${from} → ${to}. ${reason}`),
    ),
    section(
      "Grades",
      verdicts.map((verdict) => `- ${verdict}: ${counts[verdict]}`),
    ),
    section("Skills that need a look", grades.filter(needsLook).slice(0, maxRows).map(sayGrade)),
    section(
      "Problems",
      run.problems.map((problem) => `- ${problem}`),
    ),
    section(
      "To take it back",
      run.isDry
        ? []
        : [
            `- \`/curator rollback ${run.id}\` takes back all that this run changed; \`/skills undo\` one change. Nothing was deleted.`,
          ],
    ),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function askedText({ run, model }: ReportParts): string {
  const { questions, usage } = run;
  if (questions === 0) return "no question to a model";
  return `${questions} ${questions === 1 ? "question" : "questions"} to ${model}, ${usage.inputTokens + usage.outputTokens} tokens`;
}

function sayDuration(ms: number): string {
  if (ms < 1_000) return "under a second";
  return ms < 90_000 ? `about ${Math.round(ms / 1_000)} s` : `about ${Math.round(ms / 60_000)} min`;
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : `## ${title}\n\n${lines.join("\n")}`;

const needsLook = ({ verdicts: held }: Grade): boolean =>
  held.includes("loaded but unhelpful") || held.includes("overlaps") || held.includes("unproven patch");

function sayGrade({ name, verdicts: held, numbers, overlaps }: Grade): string {
  const near =
    overlaps.length === 0 ? "" : `; like ${overlaps.map((other) => `${other.name} (${other.likeness})`).join(", ")}`;
  const { uses, views, unhelpful, patches, reusedPatches, idleDays } = numbers;
  return `- ${name}: ${held.join(", ")} (${uses} uses, ${unhelpful} unhelpful, ${views} views, ${reusedPatches}/${patches} patches reused, idle ${idleDays} days${near})`;
}

export function sayProposal(proposal: Proposal | ProposalDraft): string {
  const number = "number" in proposal ? `${proposal.number}. ` : "- ";
  return `${number}${sayChange(proposal.change)} [${statusOf(proposal)}]: ${proposal.reason}${sayLoss(proposal.change)}`;
}

const maxPieces = 10;

/** What would be gone; "" when nothing would. */
export function sayLoss(change: ProposedChange): string {
  if (isNotebookChange(change) || isWhole(change.preservation)) return "";
  const { missing, dropped } = change.preservation;
  const list = (title: string, pieces: typeof missing) =>
    pieces.length === 0
      ? []
      : [
          `   ${title}: ${pieces.slice(0, maxPieces).map(sayPiece).join("; ")}${pieces.length > maxPieces ? `; and ${pieces.length - maxPieces} more` : ""}`,
        ];
  return `\n${[...list("Loses without saying so", missing), ...list("Leaves out on purpose", dropped)].join("\n")}`;
}
