/** Taking a review up: whether it is due, whether it may cost anything, and who works at it. */
import { newId } from "../../base/ids.ts";
import { stepsBefore } from "../../conversation/lineage.ts";
import type { Session } from "../../conversation/session.ts";
import type { StepRecord } from "../../conversation/turn.ts";
import { noUsage } from "../../conversation/usage.ts";
import { profileOf } from "../../gateway/conversation-key.ts";
import type { RunningReview, ToldReview } from "../../store/reviews.ts";
import type { ReviewEvent } from "./event.ts";
import { tell } from "./conclude.ts";
import { type Decision, type GateSession, gateWindowStart, reviewDecision } from "./gate.ts";
import { reviewTask, type ReviewPorts } from "./ports.ts";
import type { ReviewSubject } from "./tools.ts";

export interface Taken {
  subject: ReviewSubject & { focus?: string };
  /** As it was found, under our claim. */
  record: RunningReview | ToldReview;
}

type Ended = { ended: "done" | "failed" | "not-due" | "taken-over" };

/** Deliveries of one event beyond which something is wrong with it. */
const maxDeliveries = 6;

/** Begins the review, or goes on with that of a worker that came before. */
export async function takeUp(event: ReviewEvent, ports: ReviewPorts): Promise<Taken | Ended> {
  const { session: id, turn, focus, place } = event;
  const asked = requestOf(event);
  if (!ports.settings.isOn && asked === "") return skip(event, { reason: "off" }, ports);
  const session = await ports.store.sessions.get(id);
  if (session?.conversation !== event.conversation) return skip(event, { reason: "no-session" }, ports);
  if (asked === "") {
    // Most turns are not due, and need no more than these to know it.
    const recent = await ports.store.steps.from(id, Math.max(session.firstTurn, gateWindowStart(turn)));
    const decision = await decisionOn(session, settled(recent, turn), turn, ports);
    if (!decision.review) return skip(event, decision, ports);
  }
  const found = await ports.reviews.get(id, turn, asked);
  if (found?.status === "done" || found?.status === "failed") return { ended: found.status };
  const [before, own] = await Promise.all([
    stepsBefore(session, ports.store),
    ports.store.steps.from(id, session.firstTurn),
  ]);
  const steps = settled(own, turn);
  const learner = { profile: profileOf(session.conversation), owner: session.owner, session: id, turn };
  const wishes = { ...(focus && { focus }), ...(place && { place }) };
  const subject = { learner, session, before, steps, reads: new Set(found?.reads), ...wishes };
  if (!found) return begin(event, subject, ports);
  const claim = newId("claim");
  const attempts = found.attempts + 1;
  if (!(await ports.reviews.takeOver(id, found, claim))) return { ended: "taken-over" };
  const record = { ...found, claim, attempts };
  if (attempts <= maxDeliveries) return { subject, record };
  await ports.reviews.save(id, { ...record, status: "failed", problem: "review.attempts", endedAt: ports.clock.now() });
  return { ended: "failed" };
}

/** By the gates alone. */
async function decisionOn(
  session: Session,
  steps: readonly StepRecord[],
  turn: number,
  ports: ReviewPorts,
): Promise<Decision> {
  const start = gateWindowStart(turn);
  const before = await sessionsBefore(session, start, ports);
  return reviewDecision({ ...inWindow(session, steps, start), turn, before });
}

const inWindow = ({ continues, firstTurn }: Session, steps: readonly StepRecord[], start: number): GateSession => ({
  steps: steps.filter((step) => step.turn >= start),
  isContinued: continues !== undefined || start > firstTurn,
});

/**
 * The sessions of this conversation since that turn that ended before this one began, oldest first. Each has a turn of
 * its own at least, so the window bounds them too.
 */
async function sessionsBefore(session: Session, start: number, { store }: ReviewPorts): Promise<GateSession[]> {
  const found: GateSession[] = [];
  let { follows, firstTurn } = session;
  while (follows !== undefined && firstTurn > start) {
    const earlier = await store.sessions.get(follows);
    if (earlier?.owner !== session.owner || earlier.firstTurn >= firstTurn) break;
    const steps = await store.steps.from(earlier.id, Math.max(earlier.firstTurn, start));
    found.unshift(inWindow(earlier, steps, start));
    ({ follows, firstTurn } = earlier);
  }
  return found;
}

/** Of an event: "" when nobody asked for the review. */
const requestOf = ({ focus, asked = "once" }: ReviewEvent): string => (focus === undefined ? "" : asked);

const sayWhyNot = (reason: string, { settings }: ReviewPorts): string =>
  reason === "budget-spent"
    ? `Reviews have used up this month's ${settings.monthlyTokens} tokens (\`review.monthlyTokens\` in agent.config.ts): nothing was looked over.`
    : "There is nothing to look over yet.";

/** The steps of the turn and before it, up to the first whose tools still run: what was asked for in a running turn. */
function settled(steps: readonly StepRecord[], turn: number): StepRecord[] {
  const until = steps.filter((step) => step.turn <= turn);
  const open = until.findIndex((step) => step.turn === turn && step.status === "open");
  return open < 0 ? until : until.slice(0, open);
}

async function begin(event: ReviewEvent, subject: Taken["subject"], ports: ReviewPorts): Promise<Taken | Ended> {
  const { session, turn, focus } = event;
  const decision = await decide(subject, event, ports);
  if (!decision.review) {
    // Whoever asked was told that they would hear of it.
    const notice = focus === undefined ? "" : sayWhyNot(decision.reason, ports);
    await tell(subject, { notice, asked: requestOf(event) }, { isInDoubt: false }, ports);
    return skip(event, decision, ports);
  }
  const { memory, skills, reason } = decision;
  ports.log.info("review.begun", { session, turn, memory, skills, reason });
  const record: RunningReview = {
    status: "running",
    turn,
    asked: requestOf(event),
    claim: newId("claim"),
    attempts: 1,
    startedAt: ports.clock.now(),
    memory,
    skills,
    reason,
    model: (await ports.model()).name,
    iterations: [],
    reads: [],
    usage: noUsage,
  };
  if (!(await ports.reviews.begin(session, record))) return { ended: "taken-over" };
  const library = ports.skills(subject.learner, subject.reads);
  await Promise.all(decision.unhelpful.map((name) => library.count(name, "unhelpful")));
  return { subject, record };
}

function skip({ session, turn }: ReviewEvent, { reason }: { reason: string }, { log }: ReviewPorts): Ended {
  log.info("review.skipped", { session, turn, reason });
  return { ended: "not-due" };
}

async function decide(
  { session, before, steps }: Taken["subject"],
  { turn, focus }: ReviewEvent,
  ports: ReviewPorts,
): Promise<Decision> {
  const { monthlyTokens } = ports.settings;
  if (before.length + steps.length === 0) return { review: false, reason: "nothing-said" };
  const decision: Decision =
    focus === undefined
      ? await decisionOn(session, steps, turn, ports)
      : { review: true, memory: true, skills: true, reason: "asked", unhelpful: [] };
  if (!decision.review) return decision;
  const used = await ports.costs(profileOf(session.conversation)).ofMonth(reviewTask, ports.clock.now());
  const isSpent = used.inputTokens + used.outputTokens >= monthlyTokens;
  return isSpent ? { review: false, reason: "budget-spent" } : decision;
}
