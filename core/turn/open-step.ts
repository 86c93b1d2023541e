import { unknownResult } from "../agent/history.ts";
import { isRepeatable, type ToolWait } from "../agent/run-tools.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { ToolMessage } from "../conversation/message.ts";
import type { Place } from "../conversation/place.ts";
import type { Session } from "../conversation/session.ts";
import type { OpenStep, WaitRecord } from "../conversation/turn.ts";
import type { StepProgress } from "../store/steps.ts";
import type { Wait } from "../tools/tool.ts";
import { answerAside } from "./aside.ts";
import { nobody, superseded } from "./claim.ts";
import { begun, drain, spentMs, type Turn } from "./load.ts";
import type { TurnPorts } from "./ports.ts";
import { askQuestion, settleQuestion } from "./question.ts";
import { showSignsOfLife } from "./signs-of-life.ts";
import { runCalls, type CallsRun } from "./tool-run.ts";
import { isSpokenTo, wakesOf, type Wakes } from "./wakes.ts";

/** Where an open step is worked on. */
export interface Workplace {
  turn: Turn;
  session: Session;
  place: Place;
  ports: TurnPorts;
}

/** The open step that this worker holds is run for the first time. */
export const runStep = (step: OpenStep, at: Workplace): Promise<void> => work(step, {}, at);

/**
 * Goes on with a step that another worker left open, or that waits: what had begun and has no result is in doubt, a call
 * that waits is looked at when there is a reason to, and what has not begun is run.
 */
export async function resumeStep(step: OpenStep, at: Workplace): Promise<void> {
  const { turn, ports } = at;
  const pending = await drain(turn, ports);
  const wakes = wakesOf({ step, asker: askerOf(step, turn) }, pending, ports.clock.now());
  const isInDoubt = step.claim !== nobody;
  if (isInDoubt) ports.log.warn("step.recovered", { session: at.session.id, turn: step.turn, step: step.step });
  const ours = await takeOver(step, wakes, at);
  turn.place = ours.place ?? turn.place;
  const postponed: string[] = [];
  for (const message of wakes.asides)
    if (!(await answerAside(message, { ...at, isInDoubt }))) postponed.push(message.key);
  const { conversation, session } = turn.input;
  const keys = wakes.used.map(({ key }) => key);
  await ports.store.inbox.consume(conversation, keys, `${session}#${turn.input.turn}`);
  await settleQuestion(step, wakes, at);
  const { beginsNone, reasons } = wakes;
  const place = wakes.answeredFrom ?? at.place;
  await work({ ...ours, postponed }, { beginsNone, wakeOf: (callId) => reasons.get(callId) }, { ...at, place });
}

/** Reads that were under way run again; the outcome of all else is unknown, answered calls that waited included. */
async function takeOver(step: OpenStep, wakes: Wakes, at: Workplace): Promise<OpenStep> {
  const { turn, ports } = at;
  const calls = step.assistant.toolCalls;
  const hasResult = ({ id }: { id: string }) => step.results.some(({ callId }) => callId === id);
  const inDoubt = calls.filter((call) => step.begun.includes(call.id) && !hasResult(call));
  const lost = inDoubt.filter((call) => !isRepeatable(call, ports.tools)).map(unknownResult);
  const isLost = (callId: string) => lost.some((result) => result.callId === callId);
  const waits = step.waits.filter(({ callId }) => !isLost(callId)).map((wait) => withAnswer(wait, wakes));
  const isWaiting = (id: string) => waits.some(({ callId }) => callId === id);
  const begins = calls
    .filter((call) => !hasResult(call) && !isLost(call.id))
    .filter(({ id }) => (isWaiting(id) ? wakes.reasons.get(id)?.by === "answer" : !wakes.beginsNone));
  const now = ports.clock.now();
  return advance(at, step, {
    claim: turn.claim,
    begun: begins.map(({ id }) => id),
    results: [...step.results, ...lost],
    waits,
    parkedAt: null,
    place: wakes.answeredFrom ?? step.place,
    waitedMs: step.waitedMs + (step.parkedAt === null ? 0 : now - step.parkedAt),
  });
}

/** Kept with the wait, so that an answer is not lost with the worker that took it out of the queue. */
function withAnswer(wait: WaitRecord, { reasons }: Wakes): WaitRecord {
  const reason = reasons.get(wait.callId);
  if (reason?.by !== "answer") return wait;
  const { choice, text, who } = reason;
  return { ...wait, answered: { text, who, ...(choice !== undefined && { choice }) } };
}

/** Who may answer the questions of a step. */
export const askerOf = (step: OpenStep, turn: Turn): string | undefined => step.sender ?? turn.sender;

/** Runs what may run; the step is closed when each call has its result, else it waits. */
async function work(step: OpenStep, run: Pick<CallsRun, "beginsNone" | "wakeOf">, at: Workplace): Promise<void> {
  const { turn, ports, place, session } = at;
  const life = showSignsOfLife(turn, { place, taking: [] }, ports);
  const leftMs = ports.settings.invocationMs - (ports.clock.now() - turn.loadedAt);
  try {
    const signal = AbortSignal.any([life.stopped, AbortSignal.timeout(Math.max(0, leftMs))]);
    const calls = { calls: step.assistant.toolCalls, isCutOff: step.finish === "length", signal, ...run };
    const before = {
      results: step.results,
      waits: step.waits.map((wait) => ({ callId: wait.callId, wait: waitOf(wait), failures: wait.failures })),
    };
    const progress = await runCalls(turn, session, { ...calls, before }, ports);
    if (progress.waits.length === 0) {
      turn.looking = begun(ports.store.inbox.pending(turn.input.conversation));
      return await close(step, [...progress.results], at);
    }
    const waits = progress.waits.map((one) => recordOf(one, step.waits));
    await park(step, { results: [...progress.results], waits }, at);
  } finally {
    await life.end();
  }
}

const waitOf = ({ state, until, question }: WaitRecord): Wait => ({ state, until, ...(question && { question }) });

/** A wait that goes on keeps the message that asked its question. */
function recordOf({ callId, wait, failures }: ToolWait, before: readonly WaitRecord[]): WaitRecord {
  const { state, until, question } = wait;
  const same = before.find((one) => one.callId === callId && one.question?.id === question?.id);
  return {
    callId,
    state,
    until,
    failures,
    ...(question && { question: { ...question, choices: [...question.choices] } }),
    ...(same?.asked && { asked: same.asked }),
  };
}

async function close(step: OpenStep, results: ToolMessage[], { turn, ports }: Workplace): Promise<void> {
  const activeMs = step.activeMs + spentMs(turn, ports.clock.now());
  if (!(await ports.store.steps.close(turn.input.session, step, { results, activeMs }))) throw superseded();
  const { claim: _claim, begun: _begun, waits: _waits, parkedAt: _parkedAt, ...common } = step;
  turn.steps[turn.steps.length - 1] = { ...common, status: "closed", results, activeMs };
}

/**
 * Asks what is to be asked, and lets the step wait: nobody holds it then, and nothing of it is in doubt. While somebody has
 * said something that the model has not read, nothing is asked: words that were meant for something else could answer it.
 */
async function park(step: OpenStep, next: Pick<StepProgress, "results" | "waits">, at: Workplace): Promise<void> {
  const { turn, ports } = at;
  const parked = { ...next, claim: nobody, begun: [], parkedAt: ports.clock.now() };
  const first = next.waits.find(({ question }) => question !== undefined);
  const waiting = { step: { ...step, waits: next.waits }, asker: askerOf(step, turn) };
  const isAskable = first !== undefined && first.asked?.status !== "sent" && !isSpokenTo(waiting, await unread(at));
  if (!isAskable) return void (await advance(at, step, parked));
  const isInDoubt = first.asked?.status === "sending";
  const asking = await advance(at, step, { ...parked, claim: turn.claim, waits: replaced(next.waits, first) });
  const id = await askQuestion(first, { ...at, isInDoubt });
  const before = (await unread(at)).filter(({ pressed }) => pressed === undefined).map(({ key }) => key);
  const asked: WaitRecord = { ...first, asked: { status: "sent", id, before } };
  await advance(at, asking, { ...parked, waits: next.waits.map((wait) => (wait === first ? asked : wait)) });
}

/** What waits in the queue now. */
async function unread({ turn, ports }: Workplace): Promise<Inbound[]> {
  const pending = await ports.store.inbox.pending(turn.input.conversation);
  return pending.filter(({ key }) => !turn.consumed.has(key));
}

const replaced = (waits: readonly WaitRecord[], first: WaitRecord): WaitRecord[] =>
  waits.map((wait) => (wait === first ? { ...wait, asked: { status: "sending" } } : wait));

/** Saves how far the step has come, and keeps our copy of it. */
async function advance(
  { turn, ports }: Workplace,
  step: OpenStep,
  next: Omit<StepProgress, "activeMs" | "waitedMs" | "place" | "postponed"> &
    Partial<Pick<StepProgress, "waitedMs" | "place">>,
): Promise<OpenStep> {
  const activeMs = step.activeMs + spentMs(turn, ports.clock.now());
  const { waitedMs, place, postponed } = step;
  const progress = { waitedMs, place, postponed, ...next, activeMs };
  if (!(await ports.store.steps.advance(turn.input.session, step, progress))) throw superseded();
  const advanced: OpenStep = { ...step, ...progress };
  turn.steps[turn.steps.length - 1] = advanced;
  return advanced;
}
