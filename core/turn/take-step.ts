import { retryable } from "../base/errors.ts";
import { askModel, type Answer } from "../agent/ask.ts";
import { assertWithinBudget } from "../agent/course.ts";
import { messagesOf } from "../agent/history.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { UserMessage } from "../conversation/message.ts";
import { keptOf } from "../conversation/said.ts";
import type { Place } from "../conversation/place.ts";
import type { Session } from "../conversation/session.ts";
import type { OpenStep, StepRecord } from "../conversation/turn.ts";
import { nobody, superseded } from "./claim.ts";
import { startDraft } from "./draft.ts";
import { begun, spentMs, type Turn } from "./load.ts";
import { runStep } from "./open-step.ts";
import type { DeliveryPorts, TurnPorts } from "./ports.ts";
import { showSignsOfLife } from "./signs-of-life.ts";

export interface StepStart {
  session: Session;
  /** Messages that this step consumes. */
  messages: readonly Inbound[];
  /** What is said to the model first; null when only tool results are new. */
  input: UserMessage | null;
  /** What the person said, in their own words. */
  said: string;
  /** Where the person waits. */
  place: Place;
}

/**
 * One step: a model call and the tool calls it asks for. Saved when the model has answered, before any tool runs, and
 * once more with the results. A worker that was superseded meanwhile stops here without a trace; one that the person
 * stopped returns early, and the stop is found in the queue.
 */
export async function takeStep(turn: Turn, start: StepStart, ports: TurnPorts): Promise<void> {
  const answer = await ask(turn, start, ports);
  if (!answer) return;
  const speaker = start.messages.findLast(({ sender }) => sender.id !== "")?.sender;
  const now = ports.clock.now();
  const common = {
    turn: turn.input.turn,
    step: turn.steps.length,
    input: start.input,
    ...keptOf(start.said, start.input),
    inbox: start.messages.map((message) => message.key),
    place: start.messages.at(-1)?.place ?? null,
    ...(speaker && { sender: speaker.id }),
    assistant: answer.message,
    finish: answer.finish,
    usage: answer.usage,
    model: (await ports.model()).name,
    at: now,
    activeMs: spentMs(turn, now),
    waitedMs: 0,
  };
  if (answer.message.toolCalls.length === 0) return saveStep(turn, { ...common, status: "closed", results: [] }, ports);
  const isLate = ports.clock.now() - turn.loadedAt > ports.settings.toolsBeginWithinMs;
  const holder = isLate
    ? { claim: nobody, begun: [] }
    : { claim: turn.claim, begun: answer.message.toolCalls.map(({ id }) => id) };
  const step: OpenStep = { ...common, ...holder, status: "open", results: [], waits: [], parkedAt: null };
  await saveStep(turn, step, ports);
  if (!isLate) await runStep(step, { turn, session: start.session, place: start.place, ports });
}

/**
 * Puts a step, which consumes its messages; marking them goes on beside what follows, since a worker that takes over finds
 * them in the step.
 */
export async function saveStep(turn: Turn, step: StepRecord, { store, log }: DeliveryPorts): Promise<void> {
  const { conversation, session, turn: number } = turn.input;
  if (!(await store.steps.put(session, step))) throw superseded();
  turn.steps.push(step);
  for (const key of step.inbox) turn.consumed.add(key);
  turn.place = step.place ?? turn.place;
  turn.sender = step.sender ?? turn.sender;
  turn.marking = begun(
    Promise.all([turn.marking, store.inbox.consume(conversation, step.inbox, `${session}#${number}`)]),
  );
  log.info("step.saved", {
    session,
    turn: number,
    step: step.step,
    model: step.model,
    tools: step.assistant.toolCalls.map((call) => call.name).join(" "),
    inputTokens: step.usage.inputTokens,
    outputTokens: step.usage.outputTokens,
  });
}

async function ask(turn: Turn, start: StepStart, ports: TurnPorts): Promise<Answer | undefined> {
  const { name, model } = await ports.model();
  const { maxSteps, modelTimeoutMs } = ports.settings;
  assertWithinBudget(turn.steps.length, maxSteps);
  const request = {
    model: name.slice(name.indexOf("/") + 1),
    system: start.session.system,
    messages: [...messagesOf([...turn.earlier, ...turn.steps]), ...(start.input ? [start.input] : [])],
    tools: start.session.tools,
    toolChoice: turn.steps.length >= maxSteps ? ("none" as const) : ("auto" as const),
    cacheKey: start.session.id,
  };
  const channel = await ports.channel(start.place);
  const life = showSignsOfLife(turn, { place: start.place, taking: start.messages }, ports);
  const draft = startDraft(turn, start.place, channel, ports);
  const tooLong = AbortSignal.timeout(modelTimeoutMs);
  try {
    const signal = AbortSignal.any([life.stopped, tooLong]);
    return await askModel(model, request, { signal, onText: (text) => draft.show(text) });
  } catch (error) {
    if (life.stopped.aborted) return undefined;
    if (!tooLong.aborted) throw error;
    const seconds = modelTimeoutMs / 1000;
    throw retryable(`The model did not finish its answer within ${seconds} seconds.`, { code: "model.timeout" });
  } finally {
    await draft.settle();
    await life.end();
  }
}
