import { unknownResult } from "../../agent/history.ts";
import { isRepeatable, runTools } from "../../agent/run-tools.ts";
import { refused } from "../../base/errors.ts";
import { parseJson, type Json } from "../../base/json.ts";
import type { ToolMessage } from "../../conversation/message.ts";
import type { Place } from "../../conversation/place.ts";
import type { Session } from "../../conversation/session.ts";
import type { StepRecord } from "../../conversation/turn.ts";
import type { Iteration } from "../../store/reviews.ts";
import { defineTool, type Tool, type ToolContext } from "../../tools/tool.ts";
import { resultsOf } from "../../agent/history.ts";
import * as z from "zod";
import { reviewTools, type Learner, type ReviewPorts } from "./ports.ts";

export interface ReviewSubject {
  learner: Learner;
  session: Session;
  /** Of the sessions that this one continues. */
  before: readonly StepRecord[];
  /** Of its own active window. */
  steps: readonly StepRecord[];
  /** Where the review was asked for; absent: nobody asked. */
  place?: Place;
  /** Skill files read so far. */
  reads: Set<string>;
}

/** In the place of a tool that the model sees, since the prompt must not change, and that a review may not use. */
const refusing = (name: string): Tool =>
  defineTool({
    name,
    toolset: "none",
    description: "",
    input: z.unknown(),
    effect: "read",
    run: async () => ({
      error: `In a review only ${[...reviewTools].join(", ")} may be called. Nothing was run.`,
    }),
  });

const allowedIn = (session: Session, tools: readonly Tool[]): Tool[] => [
  ...tools.filter(({ name }) => reviewTools.has(name)),
  ...session.tools.filter(({ name }) => !reviewTools.has(name)).map(({ name }) => refusing(name)),
];

const outOfBounds = () =>
  refused("A review has memory and skills, and nothing else.", { code: "review.out-of-bounds" });
/** Other sessions are none of its business. */
const nothing = () => Promise.reject(outOfBounds());

function contextOf(subject: ReviewSubject, done: readonly Iteration[], signal: AbortSignal, ports: ReviewPorts) {
  const { learner, session, before, steps, reads } = subject;
  const notebooks = ports.notebooks(learner);
  const skills = ports.skills(learner, reads);
  const earlier = [...[...before, ...steps].flatMap(resultsOf), ...done.flatMap(({ results }) => results ?? [])];
  return (call: { id: string; name: string }): ToolContext => ({
    callId: call.id,
    session: session.id,
    turn: `${session.id}#${learner.turn}#review`,
    signal,
    clock: ports.clock,
    patienceMs: ports.settings.modelTimeoutMs,
    workspace: nothing,
    notebooks,
    skills,
    search: { find: nothing, around: nothing, read: nothing, recent: nothing },
    doorbells: {
      create() {
        throw outOfBounds();
      },
      open: nothing,
      close: async () => {},
    },
    permissions: {
      of: async () => ({ verdict: "refuse", reason: "Nobody is there to ask." }),
      allow: nothing,
    },
    // Nobody watches.
    show: async () => {},
    call: async (): Promise<Json> => ({ error: "A review calls its tools directly." }),
    previousResult() {
      const newest = earlier.findLast(({ name }) => name === call.name);
      return newest && (parseJson(newest.content) as Json | undefined);
    },
  });
}

/**
 * Runs the calls of the last iteration. `isInDoubt`: a worker that is gone may have run them; reads run again, and of the
 * others the model is told that nobody knows.
 */
export async function runReviewTools(
  subject: ReviewSubject,
  iterations: readonly Iteration[],
  isInDoubt: boolean,
  ports: ReviewPorts,
): Promise<ToolMessage[]> {
  const last = iterations.at(-1);
  if (!last || last.assistant.toolCalls.length === 0) return [];
  const calls = last.assistant.toolCalls;
  const tools = allowedIn(subject.session, ports.tools);
  const doubtful = isInDoubt ? calls.filter((call) => !isRepeatable(call, tools)).map(unknownResult) : [];
  const signal = AbortSignal.timeout(ports.settings.modelTimeoutMs);
  const { results } = await runTools({
    calls,
    tools,
    contextOf: contextOf(subject, iterations.slice(0, -1), signal, ports),
    isCutOff: last.finish === "length",
    before: { results: doubtful, waits: [] },
  });
  return [...results];
}
