/** Walks a flow from state to state. */
import type { HistoryEventType } from "@aws-sdk/client-sfn";
import type { Catcher, Flow, Retrier, State } from "./definition.ts";
import { matches, runtimeError, toAslError, type AslError } from "./errors.ts";
import { threadAt } from "./progress.ts";
import { decideRetry } from "./retry.ts";
import { performState } from "./states/perform.ts";
import { sleepUntil, throwIfCancelled } from "./timing.ts";
import { finish, recordEvent, type Outcome, type RunFlow, type Thread, type Visit } from "./visit.ts";

export const runFlow: RunFlow = async (thread, flow, begin) => {
  if (begin) enter(thread, flow, { next: flow.StartAt, output: begin.input, variables: begin.variables });
  for (;;) {
    const progress = threadAt(thread.execution.progress, thread.path);
    if (!progress) throw runtimeError("A branch lost its place.");
    const visit: Visit = { thread, name: progress.state, state: stateOf(flow, progress.state), progress };
    const { next, output, variables } = await visitState(visit);
    throwIfCancelled(thread.signal);
    if (next === undefined) return output;
    enter(thread, flow, { next, output, variables });
  }
};

/** Brings a thread into a state and writes that down. */
function enter(thread: Thread, flow: Flow, outcome: Outcome & { next: string }): void {
  throwIfCancelled(thread.signal);
  const { execution, path } = thread;
  const state = stateOf(flow, outcome.next);
  const event = execution.event(enteredEvents[state.Type], thread.lastEventId, {
    stateEnteredEventDetails: { name: outcome.next, input: JSON.stringify(outcome.output) },
  });
  thread.lastEventId = event.id;
  const { output: input, variables, next } = outcome;
  execution.write({ kind: "enter", path, state: next, input, variables, atMs: event.atMs }, event);
}

/** Attempts the state until it succeeds, is caught, or fails for good. */
async function visitState(visit: Visit): Promise<Outcome> {
  const { thread, progress } = visit;
  for (;;) {
    if (progress.retryAtMs !== undefined) await sleepUntil(thread.services.clock, progress.retryAtMs, thread.signal);
    throwIfCancelled(thread.signal);
    try {
      return exit(visit, await performState(visit));
    } catch (error) {
      throwIfCancelled(thread.signal);
      const failure = toAslError(error);
      if (!scheduleRetry(visit, failure)) return exit(visit, await caught(visit, failure));
    }
  }
}

function exit(visit: Visit, outcome: Outcome): Outcome {
  const type = exitedEvents[visit.state.Type];
  if (type)
    recordEvent(visit.thread, type, {
      stateExitedEventDetails: { name: visit.name, output: JSON.stringify(outcome.output) },
    });
  return outcome;
}

function scheduleRetry(visit: Visit, failure: AslError): boolean {
  const { thread, progress } = visit;
  const { clock, random } = thread.services;
  const decision = decideRetry(retriersOf(visit.state), failure.error, progress.retryCounts, random);
  if (!decision) return false;
  const atMs = clock.now() + decision.delayMs;
  thread.execution.write({ kind: "retry", path: thread.path, counts: decision.counts, atMs });
  return true;
}

/** The catcher's way on; throws the failure when none matches. */
async function caught(visit: Visit, failure: AslError): Promise<Outcome> {
  const catcher = catchersOf(visit.state).find((catcher) => matches(catcher.ErrorEquals, failure.error));
  if (!catcher) throw failure;
  const errorOutput = { Error: failure.error, Cause: failure.detail };
  const { Next, Output, Assign } = catcher;
  return finish(visit, { next: Next, value: errorOutput, output: Output, assign: Assign, extra: { errorOutput } });
}

const retriersOf = (state: State): Retrier[] => ("Retry" in state ? (state.Retry ?? []) : []);
const catchersOf = (state: State): Catcher[] => ("Catch" in state ? (state.Catch ?? []) : []);

function stateOf(flow: Flow, name: string): State {
  const state = flow.States[name];
  if (!state) throw runtimeError(`There is no state '${name}'.`);
  return state;
}

const enteredEvents: Record<State["Type"], HistoryEventType> = {
  Pass: "PassStateEntered",
  Succeed: "SucceedStateEntered",
  Fail: "FailStateEntered",
  Wait: "WaitStateEntered",
  Choice: "ChoiceStateEntered",
  Task: "TaskStateEntered",
  Map: "MapStateEntered",
  Parallel: "ParallelStateEntered",
};

const exitedEvents: Partial<Record<State["Type"], HistoryEventType>> = {
  Pass: "PassStateExited",
  Succeed: "SucceedStateExited",
  Wait: "WaitStateExited",
  Choice: "ChoiceStateExited",
  Task: "TaskStateExited",
  Map: "MapStateExited",
  Parallel: "ParallelStateExited",
};
