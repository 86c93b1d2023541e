/** `/curator`: what it did, what it proposes, and the owner's decisions. */
import type { Place } from "../../conversation/place.ts";
import type { Button } from "../../platforms/platform.ts";
import type { SkillMarks, SkillRecord } from "../../skills/skill.ts";
import type { CuratorState } from "../../store/curator.ts";
import type { Proposal } from "../../store/proposals.ts";
import { approve, reject } from "./apply.ts";
import { diffOf } from "./diff.ts";
import type { ApplyPorts, CuratorSettings } from "./ports.ts";
import { type Decision, decisionsOn, sayChange, showingOf } from "./proposal.ts";
import { sayProposal } from "./report.ts";
import { type RollbackPorts, rollBackRun, undoEntry } from "./rollback.ts";

export interface CuratorCommandPorts extends ApplyPorts, RollbackPorts {
  settings: CuratorSettings;
  /** Where the command was given: notices go to the last direct chat in which an owner gave one. */
  place: Place;
  /** `platform:user id` of who gave it. */
  identity: string;
  isOwner(identity: string | undefined): boolean;
  /** Starts functions/curator by itself; the answer does not wait for it. */
  start(event: { isDry: boolean }): Promise<void>;
}

/** Markdown, and buttons: to decide what is shown, or to be shown one of several. */
export interface CuratorReply {
  text: string;
  buttons: Button[];
}

const usage = `\`/curator\` status, \`run\`, \`dry-run\`, \`diff [n]\`, \`approve n|all\`, \`reject n|all\`, \`rollback [run | change]\`, \`pin|unpin|archive|restore skill\`, \`pause\`, \`resume\`, \`reports [run]\``;

/** What changes something that everybody shares. Of `approve`, `reject` and `rollback` it depends on what is meant. */
const ownersWords = new Set(["run", "dry-run", "pin", "unpin", "archive", "restore", "pause", "resume"]);

const forOwners =
  "Only an owner of this agent may do that. Nothing was changed; `status`, `diff` and `reports` are for everybody.";

const isByOwner = ({ isOwner, identity }: CuratorCommandPorts): boolean => isOwner(identity);

/** What is about a person's own notes is theirs; all else is an owner's. */
const mayDecide = ({ owner }: { owner?: string | undefined }, ports: CuratorCommandPorts): boolean =>
  owner === undefined ? isByOwner(ports) : owner === ports.owner;

type Answer = (argument: string, ports: CuratorCommandPorts) => Promise<string | CuratorReply>;

const answers: Record<string, Answer> = {
  status: (_argument, ports) => status(ports),
  run: (_argument, ports) => start(ports, false),
  "dry-run": (_argument, ports) => start(ports, true),
  diff,
  approve: (argument, ports) => decide(argument, ports, "approve"),
  reject: (argument, ports) => decide(argument, ports, "reject"),
  rollback,
  pin: (name, ports) => mark(name, ports, { isPinned: true }),
  unpin: (name, ports) => mark(name, ports, { isPinned: false }),
  archive: (name, ports) => mark(name, ports, { state: "archived" }),
  restore: (name, ports) => mark(name, ports, { state: "restored" }),
  pause: (_argument, ports) => pause(ports, true),
  resume: (_argument, ports) => pause(ports, false),
  reports,
};

/** What the owner said after `/curator`. */
export async function curatorText(args: string, ports: CuratorCommandPorts): Promise<CuratorReply> {
  const [word = "", ...rest] = args.trim().split(/\s+/);
  const name = (word || "status").toLowerCase();
  const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
  if (!answer) return { text: usage, buttons: [] };
  if (ownersWords.has(name) && !isByOwner(ports)) return { text: forOwners, buttons: [] };
  await rememberPlace(ports);
  const reply = await answer(rest.join(" "), ports);
  return typeof reply === "string" ? { text: reply, buttons: [] } : reply;
}

/** What a pressed button of a proposal does. */
export async function decideProposal(
  { id, decision }: { id: string; decision: Decision },
  ports: CuratorCommandPorts,
): Promise<CuratorReply> {
  const proposal = await ports.proposals.find(id);
  if (!proposal || !maySee(proposal, ports)) return { text: "There is no such proposal.", buttons: [] };
  if (decision === "diff") return shown(proposal, ports);
  if (!mayDecide(proposal, ports)) return { text: forOwners, buttons: [] };
  return { text: await settle(proposal, ports, decision), buttons: [] };
}

const maySee = ({ owner }: Proposal, ports: CuratorCommandPorts): boolean =>
  owner === undefined || owner === ports.owner;

const maxWrites = 5;

async function changeState(ports: CuratorCommandPorts, change: Partial<CuratorState>): Promise<boolean> {
  for (let attempt = 0; attempt < maxWrites; attempt += 1) {
    const { state, version } = await ports.records.read();
    if (await ports.records.write({ ...state, ...change }, version)) return true;
  }
  return false;
}

async function rememberPlace(ports: CuratorCommandPorts): Promise<void> {
  const { replyTo: _answered, ...place } = ports.place;
  if (place.kind !== "direct" || !isByOwner(ports)) return;
  const { tellAt, tellTo } = (await ports.records.read()).state;
  const told = { tellAt: place, tellTo: ports.identity };
  if (JSON.stringify({ tellAt, tellTo }) !== JSON.stringify(told)) await changeState(ports, told);
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");

async function status(ports: CuratorCommandPorts): Promise<string> {
  const [{ state }, skills, archived, open] = await Promise.all([
    ports.records.read(),
    ports.skills.list(),
    ports.skills.list({ archived: true }),
    ports.proposals.list({ owner: ports.owner, status: "open" }),
  ]);
  const inState = (wanted: SkillRecord["state"]) => skills.filter((skill) => skill.state === wanted).length;
  const last = state.ended[0];
  return [
    `**Curator**: ${activityOf(state, ports)}`,
    last
      ? `Last run ${last.id} (${day(last.at)}${last.isDry ? ", dry" : ""}): ${last.headline}`
      : "It has not run yet.",
    `Skills: ${inState("active")} active, ${inState("trial")} on trial, ${inState("stale")} stale, ${archived.length} archived, ${skills.filter(({ isPinned }) => isPinned).length} pinned`,
    open.length === 0
      ? "No open proposals."
      : `${open.length} open ${open.length === 1 ? "proposal" : "proposals"}: \`/curator diff\``,
  ].join("\n");
}

function activityOf(
  { run, isPaused, lastRunAt }: CuratorState,
  { settings: { enabled, intervalHours, idleHours, auto }, clock }: CuratorCommandPorts,
): string {
  if (!enabled) return "switched off in agent.config.ts";
  if (isPaused) return "paused; `/curator resume` goes on";
  if (run !== null) return `at work on ${run.id} (${run.stage})`;
  const how = auto ? "proposals that keep everything are applied" : "proposals wait for you";
  const dueAt = lastRunAt + intervalHours * 3_600_000;
  if (lastRunAt === 0) return `on; ${how}`;
  return dueAt > clock.now()
    ? `on, next run from ${day(dueAt)} on; ${how}`
    : `on, next run as soon as nobody has used me for ${idleHours} hours; ${how}`;
}

async function start(ports: CuratorCommandPorts, isDry: boolean): Promise<string> {
  const { state } = await ports.records.read();
  if (state.run !== null && state.run.startedAt + staleRunMs > ports.clock.now())
    return `It is at work already: ${state.run.id} (${state.run.stage}).`;
  if (state.run !== null && state.run.isDry !== isDry)
    return `A ${state.run.isDry ? "dry run" : "run"} was broken off and is taken up first: \`/curator ${state.run.isDry ? "dry-run" : "run"}\`.`;
  await ports.start({ isDry });
  return isDry
    ? "The dry run has begun; nothing will be changed. I tell you when its report is there."
    : "The run has begun. I tell you when it is done.";
}

/** A run that was begun so long ago was broken off: starting takes it up. */
const staleRunMs = 20 * 60_000;

async function diff(argument: string, ports: CuratorCommandPorts): Promise<string | CuratorReply> {
  const open = await ports.proposals.list({ owner: ports.owner, status: "open" });
  const only = open.length === 1 ? open[0] : undefined;
  if (argument === "" && only) return shown(only, ports);
  if (argument === "" && open.length === 0) return "No open proposals.";
  if (argument === "") {
    const list = open.map(sayProposal).join("\n");
    const text = `${list}\n\n\`/curator diff n\` shows one, \`/curator approve n\` does it.`;
    return { text, buttons: showingOf(open) };
  }
  const found = (await ports.proposals.list({ owner: ports.owner })).find(({ number }) => String(number) === argument);
  return found ? shown(found, ports) : `There is no proposal ${argument}.`;
}

async function shown(proposal: Proposal, ports: CuratorCommandPorts): Promise<CuratorReply> {
  const buttons = proposal.status === "open" && mayDecide(proposal, ports) ? decisionsOn(proposal) : [];
  return { text: await diffOf(proposal, ports.skills), buttons };
}

async function decide(argument: string, ports: CuratorCommandPorts, decision: "approve" | "reject"): Promise<string> {
  const all = await ports.proposals.list({ owner: ports.owner });
  const isHalfDone = (proposal: Proposal) => proposal.status === "approved" && !proposal.isApplied;
  const meant =
    argument === "all"
      ? all.filter((proposal) => proposal.status === "open" || isHalfDone(proposal))
      : all.filter(({ number }) => String(number) === argument);
  const chosen = meant.filter((proposal) => mayDecide(proposal, ports));
  if (chosen.length === 0 && meant.length > 0) return forOwners;
  if (chosen.length === 0)
    return argument === "all"
      ? "No open proposals."
      : `Which one? \`/curator ${decision} n\`; \`/curator diff\` lists them.`;
  const lines: string[] = [];
  // One after the other: the second may be about what the first changes.
  for (const proposal of chosen) lines.push(await settle(proposal, ports, decision));
  return lines.join("\n");
}

async function settle(proposal: Proposal, ports: CuratorCommandPorts, decision: "approve" | "reject"): Promise<string> {
  const { isDone, note } =
    decision === "approve" ? await approve(proposal, "person", ports) : await reject(proposal, ports);
  const what = `Proposal ${proposal.number} (${sayChange(proposal.change)})`;
  if (isDone) return decision === "approve" ? `${what}: done.${note === "" ? "" : ` ${note}`}` : `${what}: rejected.`;
  return `${what}: nothing was changed. ${note}`;
}

async function rollback(argument: string, ports: CuratorCommandPorts): Promise<string> {
  if (argument.startsWith("led_")) {
    const entry = await ports.ledger.find(argument);
    const isVisible = entry && (entry.owner === undefined || entry.owner === ports.owner);
    if (!entry || !isVisible) return `There is no change ${argument}.`;
    if (!mayDecide(entry, ports)) return forOwners;
    const problem = await undoEntry(entry, ports);
    return problem === undefined
      ? `Taken back: ${entry.subject.name} is as it was before (${entry.reason}).`
      : `Not taken back: ${problem}`;
  }
  if (!isByOwner(ports)) return forOwners;
  const result = await rollBackRun(argument === "" ? undefined : argument, ports);
  if (!result)
    return argument === ""
      ? "There is no run to take back."
      : `There is no backup of a run ${argument}; \`/curator reports\` lists them.`;
  const { undone, left, run } = result;
  const lines = [
    `Before the run ${run}: ${undone.length} ${undone.length === 1 ? "change is" : "changes are"} taken back.`,
    ...undone.map((entry) => `- ${entry.subject.name}: ${entry.action} taken back`),
    ...left.map((each) => `- left as it is: ${each}`),
  ];
  return lines.join("\n");
}

async function mark(name: string, { person }: CuratorCommandPorts, change: SkillMarks): Promise<string> {
  if (name === "") return usage;
  const marked = await person.mark(name, change, { reason: "The owner said so with /curator." });
  if (marked.ok) return `${name}: ${marked.record.state}${marked.record.isPinned ? ", pinned" : ""}.`;
  return marked.conflict ? "Somebody changed it at the same moment; try once more." : marked.problem;
}

async function pause(ports: CuratorCommandPorts, isPaused: boolean): Promise<string> {
  if (!(await changeState(ports, { isPaused }))) return "Its record kept being changed; try once more.";
  return isPaused
    ? "The curator is paused; nothing happens by itself until `/curator resume`."
    : "The curator goes on.";
}

async function reports(argument: string, ports: CuratorCommandPorts): Promise<string> {
  const { state } = await ports.records.read();
  if (argument === "")
    return state.ended.length === 0
      ? "No reports yet."
      : state.ended
          .map(({ id, at, headline, isDry }) => `- ${id} (${day(at)}${isDry ? ", dry" : ""}): ${headline}`)
          .join("\n");
  const known = state.ended.find(({ id }) => id === argument);
  if (!known) return `There is no report ${argument}.`;
  return Buffer.from(await ports.files.get(`reports/${known.id}/REPORT.md`)).toString("utf8");
}
