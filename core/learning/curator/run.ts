/** One run of the curator, from the gates to the notice; it goes on where a broken-off one stopped. */
import { messageOf } from "../../base/errors.ts";
import { noUsage } from "../../conversation/usage.ts";
import type { SkillRecord } from "../../skills/skill.ts";
import type { CuratorRun, CuratorState } from "../../store/curator.ts";
import type { Proposal } from "../../store/proposals.ts";
import { gateOf, whyBusy } from "./gates.ts";
import { diffOf } from "./diff.ts";
import type { CuratorNotice, CuratorPorts } from "./ports.ts";
import { decisionsOn, maxShown, sayChange, showingOf } from "./proposal.ts";
import { hasNews, headlineOf, reportText, type ReportParts, runJson } from "./report.ts";
import { backUp, consolidate, passTime, readPlan, tendMemory } from "./stages.ts";
import { anchorOf } from "./transitions.ts";
import { openWork, Outrun, type Work } from "./work.ts";

export interface CurateOptions {
  /** A person asked for it: the gates do not apply. */
  isManual?: boolean;
  /** Reports what would happen, and changes nothing. */
  isDry?: boolean;
  /** After this time no new question is begun: milliseconds since 1970. */
  until?: number;
}

export type Outcome =
  | { status: "skipped"; reason: string }
  | { status: "done"; run: string; headline: string }
  /** The time was over: the next invocation goes on. */
  | { status: "unfinished"; run: string }
  /** Another invocation works on it. */
  | { status: "outrun" };

/** After so many invocations a run is ended with what it has: six hours of a provider that is away, at three for each look. */
const maxAttempts = 18;
const keptRuns = 20;
const maxWrites = 8;

export async function curate(ports: CuratorPorts, options: CurateOptions = {}): Promise<Outcome> {
  const begun = await begin(ports, options);
  if ("reason" in begun) {
    ports.log.info("curator.skipped", { reason: begun.reason });
    return { status: "skipped", reason: begun.reason };
  }
  const { log } = ports;
  const work = openWork({ ports, run: begun.run, referenced: await ports.referencedSkills() });
  log.info("curator.at-work", { run: work.run.id, stage: work.run.stage, attempt: work.run.attempts });
  try {
    return await goOn(work, options.until ?? Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error instanceof Outrun) return { status: "outrun" };
    log.warn("curator.broken-off", { run: work.run.id, stage: work.run.stage, error: messageOf(error) });
    throw error;
  }
}

/** Takes up the run that is there, or begins one if the gates let it. */
async function begin(
  ports: CuratorPorts,
  { isManual = false, isDry = false }: CurateOptions,
): Promise<{ run: CuratorRun } | { reason: string }> {
  for (let attempt = 0; attempt < maxWrites; attempt += 1) {
    const now = ports.clock.now();
    const { state, version } = await ports.records.read();
    const reason = isManual ? undefined : await whyNot(state, ports, now);
    if (reason !== undefined) {
      if (!reason.seeds || (await ports.records.write({ ...state, lastRunAt: now }, version))) return reason;
      continue;
    }
    const fresh: CuratorRun = { ...freshRun, id: runIdAt(now), startedAt: now, isDry, isManual };
    const run = state.run === null ? fresh : takenUp(state.run);
    if (await ports.records.write({ ...state, run }, version)) return { run };
  }
  return { reason: "its record kept being changed by others" };
}

const freshRun: Omit<CuratorRun, "id" | "startedAt" | "isDry" | "isManual"> = {
  stage: "backup",
  attempts: 1,
  questions: 0,
  usage: noUsage,
  problems: [],
  hasPlan: false,
  privateProposals: 0,
};

/** A dry run keeps nothing of what it found, so it looks again. */
const takenUp = (run: CuratorRun): CuratorRun => ({
  ...run,
  attempts: run.attempts + 1,
  stage: run.isDry ? "backup" : run.stage,
});

/** Sorts by time and can be typed: 20261122T143111123Z. */
const runIdAt = (now: number): string => new Date(now).toISOString().replace(/[-:.]/g, "");

async function whyNot(
  state: CuratorState,
  { settings, lastTurnAt, skills }: CuratorPorts,
  now: number,
): Promise<{ reason: string; seeds: boolean } | undefined> {
  const gate = gateOf(state, settings, now);
  if (!gate.go) return gate;
  if (state.run !== null) return undefined;
  // The one item first: a library may be thousands. A command that touches a skill is no turn, so it is looked at as well.
  const reason = whyBusy(await lastTurnAt(), settings, now) ?? whyBusy(lastTouchOf(await skills.list()), settings, now);
  return reason === undefined ? undefined : { reason, seeds: false };
}

const lastTouchOf = (skills: readonly SkillRecord[]): number =>
  skills.map(anchorOf).reduce((a, b) => Math.max(a, b), 0);

async function goOn(work: Work, until: number): Promise<Outcome> {
  const { ports } = work;
  const isOutOfTime = () => ports.clock.now() >= until;
  const unfinished = (): Outcome => ({ status: "unfinished", run: work.run.id });
  if (work.run.attempts > maxAttempts && work.run.stage !== "report") {
    await work.note(`It was broken off ${maxAttempts} times during ${work.run.stage}; the rest was left out.`);
    await work.save({ stage: "report" }, ({ lastRunAt }) => ({
      lastRunAt: work.run.isDry ? lastRunAt : work.run.startedAt,
    }));
  }
  if (work.run.stage === "backup") await backUp(work);
  if (work.run.stage === "transitions") await passTime(work);
  if (work.run.stage === "consolidation" && !(await consolidate(work, isOutOfTime))) return unfinished();
  if (work.run.stage === "memory" && !(await tendMemory(work, isOutOfTime))) return unfinished();
  return report(work);
}

async function report(work: Work): Promise<Outcome> {
  const { ports, run } = work;
  const parts = await partsOf(work);
  const headline = headlineOf(parts);
  await ports.files.put(`reports/${run.id}/run.json`, Buffer.from(JSON.stringify(runJson(parts), undefined, 2)));
  await ports.files.put(`reports/${run.id}/REPORT.md`, Buffer.from(reportText(parts)));
  if (hasNews(parts) || run.isManual)
    await ports.notify({ id: `curator-${run.id}`, ...(await noticeOf(parts, headline, ports)) });
  await end(work, headline);
  ports.log.info("curator.done", {
    run: run.id,
    questions: run.questions,
    proposals: parts.proposals.length,
    transitions: parts.transitions.length,
  });
  return { status: "done", run: run.id, headline };
}

async function partsOf(work: Work): Promise<ReportParts> {
  const { ports, run, drafts } = work;
  const { grades } = await work.survey();
  const saved = await ports.proposals.list();
  const model = run.questions > 0 ? (await ports.model()).name : "no model";
  const open = run.isDry
    ? drafts.filter(({ owner }) => owner === undefined)
    : saved.filter((proposal) => proposal.run === run.id);
  const privateProposals = run.isDry ? drafts.length - open.length : run.privateProposals;
  return {
    run,
    endedAt: ports.clock.now(),
    model,
    transitions: (await readPlan(work)) ?? [],
    grades,
    proposals: open,
    privateProposals,
  };
}

/** A single proposal is shown whole, to be decided by a press; of several the first are named, each a press away. */
async function noticeOf(
  { run, proposals }: ReportParts,
  headline: string,
  { skills }: CuratorPorts,
): Promise<Omit<CuratorNotice, "id">> {
  const title = `Curator${run.isDry ? ", dry run" : ""}: ${headline}.`;
  const open = run.isDry ? [] : proposals.filter(isOpen);
  const [only] = open.length === 1 ? open : [];
  if (only) {
    const text = `${title} Nothing of it is done before you approve.\n\n${await diffOf(only, skills)}`;
    return { text, buttons: decisionsOn(only) };
  }
  if (open.length > 0) {
    const listed = open.slice(0, maxShown).map(({ number, change }) => `${number}. ${sayChange(change)}`);
    const more = open.length > maxShown ? [`and ${open.length - maxShown} more`] : [];
    const how = "`/curator diff` shows the proposals; nothing of them is done before you approve.";
    return { text: `${title} ${how}\n\n${[...listed, ...more].join("\n")}`, buttons: showingOf(open) };
  }
  return { text: `${title} \`/curator reports ${run.id}\` has the details.` };
}

const isOpen = (proposal: ReportParts["proposals"][number]): proposal is Proposal =>
  "status" in proposal && proposal.status === "open";

const end = ({ save, run }: Work, headline: string): Promise<void> =>
  save({}, (state) => ({
    run: null,
    ended: [{ id: run.id, at: run.startedAt, isDry: run.isDry, headline }, ...state.ended].slice(0, keptRuns),
  }));
