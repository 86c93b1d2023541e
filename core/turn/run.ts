import { budgetSpent, courseOf, type Course } from "../agent/course.ts";
import { isKind } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { UserMessage } from "../conversation/message.ts";
import type { Place } from "../conversation/place.ts";
import type { OpenStep } from "../conversation/turn.ts";
import { handOver } from "./after-turn.ts";
import { answerCommand } from "./answer-command.ts";
import { answerPress } from "./aside.ts";
import { superseded } from "./claim.ts";
import { conclude, isOwed, resume, type Reply } from "./conclude.ts";
import { finish } from "./finish.ts";
import { drain, loadTurn, type Turn } from "./load.ts";
import type { StepOutput, TurnInput } from "./machine.ts";
import { notice } from "./notice.ts";
import { openSession } from "./open-session.ts";
import { inputOf, isStaleRing, planStep, type Plan } from "./plan.ts";
import type { TurnPorts } from "./ports.ts";
import { askerOf, resumeStep } from "./open-step.ts";
import { saveStep, takeStep } from "./take-step.ts";
import { learnerOf, unfolded } from "./unfold.ts";
import { hasNews } from "./wakes.ts";

/**
 * One invocation of a turn: takes steps until there is a reply or the time for packing is spent, then says what is
 * next. It may be run again at any time, from any point: all that counts is saved, and what is saved is not done twice.
 */
export async function runTurn(input: TurnInput, ports: TurnPorts): Promise<StepOutput> {
  const turn = await loadTurn(input, newId("claim"), ports);
  const done: StepOutput = { ...input, next: "done" };
  if (isOwed(turn.record) || turn.isOver) {
    await resume(turn, ports);
    await handOver(turn, ports);
    return done;
  }
  const packUntil = ports.clock.now() + ports.settings.packingMs;
  for (;;) {
    const progress = await advance(turn, ports);
    if (progress === "nothing-to-do") await finish(input, { inbox: [] }, ports);
    else if (progress !== "goes-on") {
      await conclude(turn, progress, ports);
      await handOver(turn, ports);
    }
    if (progress !== "goes-on") return done;
    const last = turn.steps.at(-1);
    if (last?.status === "open" && last.waits.length > 0) return waitFor(last, turn, ports);
    if (last?.status !== "open" && ports.clock.now() < packUntil) continue;
    await turn.marking;
    return { ...input, next: "continue" };
  }
}

/**
 * Lets the turn wait. Whoever puts a message in the queue looks afterwards whether the turn is parked; we park it and look at
 * the queue afterwards: one of the two always sees the other.
 */
async function waitFor(step: OpenStep, turn: Turn, { store, clock, log }: TurnPorts): Promise<StepOutput> {
  await turn.marking;
  const { conversation, turn: number } = turn.input;
  const parking = newId("wait");
  const left = (await store.inbox.pending(conversation)).filter(({ key }) => !turn.consumed.has(key));
  const waiting = { step, asker: askerOf(step, turn) };
  if (hasNews(waiting, left)) return { ...turn.input, next: "continue" };
  const key = await store.leases.park(conversation, number, { parking, left: left.length });
  if (!key) throw superseded();
  const pending = (await store.inbox.pending(conversation)).filter((message) => !turn.consumed.has(message.key));
  if (hasNews(waiting, pending)) return { ...turn.input, next: "continue" };
  const until = Math.min(...step.waits.map((wait) => wait.until));
  const seconds = Math.max(1, Math.ceil((until - clock.now()) / 1000));
  log.info("turn.waits", { session: turn.input.session, turn: number, calls: step.waits.length, seconds });
  return { ...turn.input, next: "wait", wait: { key, parking, seconds } };
}

type Progress = "goes-on" | "nothing-to-do" | Reply;

async function advance(turn: Turn, ports: TurnPorts): Promise<Progress> {
  const last = turn.steps.at(-1);
  if (last?.status === "open" && turn.session && turn.place) {
    await resumeStep(last, { turn, session: turn.session, place: turn.place, ports });
    return "goes-on";
  }
  const course = courseOf(turn.steps);
  if (course.kind === "answered" && turn.place) return { text: course.text, outcome: "answered", place: turn.place };
  const pending = await drain(turn, ports);
  await dropStaleRings(turn, pending, ports);
  const waiting = pending.filter((message) => !isStaleRing(message));
  const plan = await withSkills(planStep(waiting, turn.steps.length > 0), turn, ports);
  return follow(turn, plan, course, ports);
}

/** Only what the step takes is unfolded, since that loads skills and counts their use. */
async function withSkills(plan: Plan, turn: Turn, ports: TurnPorts): Promise<Plan> {
  if (plan.kind !== "say") return plan;
  const messages = await Promise.all(plan.messages.map((message) => unfolded(message, turn, ports)));
  // Again, since skills make messages longer: what does not fit any more stays for the next step.
  const taken = planStep(messages, turn.steps.length > 0);
  if (taken.kind !== "say") return taken;
  return { ...taken, said: inputOf(plan.messages.slice(0, taken.messages.length)).text };
}

async function dropStaleRings({ input }: Turn, pending: readonly Inbound[], { store }: TurnPorts): Promise<void> {
  const keys = pending.filter(isStaleRing).map(({ key }) => key);
  await store.inbox.consume(input.conversation, keys, `${input.session}#${input.turn}`);
}

async function follow(turn: Turn, plan: Plan, course: Course, ports: TurnPorts): Promise<Progress> {
  const newest: Inbound | undefined = plan.messages.at(-1);
  const place = newest?.place ?? turn.place;
  if (!place) return "nothing-to-do";
  if (plan.kind === "command") return answerCommand(plan, turn, ports);
  if (plan.kind === "late-press") return answerPress(plan.messages[0], turn, ports);
  if (plan.kind === "stop") {
    await saveStep(turn, notice(turn, plan, "Stopped.", ports.clock.now()), ports);
    return { text: "Stopped.", outcome: "stopped", place };
  }
  return ask(turn, plan, course, place, ports);
}

/** A step of the model's. What the provider refuses for good is told to the person at once: no retry could help. */
async function ask(turn: Turn, plan: Plan, course: Course, place: Place, ports: TurnPorts): Promise<Progress> {
  const { maxSteps } = ports.settings;
  const said = plan.kind === "say" ? plan.said : "";
  const first = plan.messages[0];
  const input = joined([
    course.kind === "ask" ? course.nudge : undefined,
    plan.kind === "say" ? plan.input : undefined,
    turn.steps.length >= maxSteps ? budgetSpent(maxSteps) : undefined,
  ]);
  try {
    // Beside the opening of the session, so that it is waited for as little as can be.
    const recalling = first && turn.steps.length === 0 ? ports.recall(said, learnerOf(turn, first)) : undefined;
    turn.session ??= first && (await openSession(turn, first, ports));
    if (!turn.session) return "nothing-to-do";
    const recalled = (await recalling) ?? "";
    const asked = recalled === "" ? input : joined([input ?? undefined, { role: "user", text: recalled }]);
    await takeStep(turn, { session: turn.session, messages: plan.messages, input: asked, said, place }, ports);
    return "goes-on";
  } catch (error) {
    if (!isKind(error, "refused") || turn.steps.at(-1)?.status === "open") throw error;
    ports.log.error("turn.refused", { session: turn.input.session, turn: turn.input.turn, code: error.code });
    const told = aboutText.has(error.code) ? { input: unprocessed, said: "" } : { input, said };
    await saveStep(turn, notice(turn, { messages: plan.messages, ...told }, error.message, ports.clock.now()), ports);
    return { text: error.message, outcome: "refused", place };
  }
}

/** Refusals of what was said, not of who asked: the text would be refused again with every later request. */
const aboutText = new Set(["model.content-filtered", "model.context-overflow", "model.bad-request"]);
const unprocessed: UserMessage = { role: "user", text: "(a message that the model provider did not accept)" };

/** Roles alternate: whatever is said before one model call is one message. */
function joined(messages: readonly (UserMessage | undefined)[]): UserMessage | null {
  const texts = messages.flatMap((message) => (message ? [message.text] : []));
  return texts.length > 0 ? { role: "user", text: texts.join("\n\n") } : null;
}
