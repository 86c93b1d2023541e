/** Whether a turn is reviewed, and for what: a pure decision over the steps of the active window. */
import * as z from "zod";
import { parseJson } from "../../base/json.ts";
import type { ToolMessage } from "../../conversation/message.ts";
import type { StepRecord } from "../../conversation/turn.ts";
import { resultsOf } from "../../agent/history.ts";
import { saidIn } from "../../conversation/said.ts";
import { isCorrection } from "./corrections.ts";

/** Turns of the person since memory was last written, and model calls since a skill was (as in Hermes Agent). */
export const memoryInterval = 10;
export const skillInterval = 10;

/** The counters begin anew after so many turns, whatever there was: a decision then reads no more than these. */
const windowTurns = 40;

/** The first turn that the decision about this one rests on. */
export const gateWindowStart = (turn: number): number => Math.max(0, turn - (turn % windowTurns) - 1);

export interface GateSession {
  /** From `gateWindowStart` on, in order. */
  steps: readonly StepRecord[];
  /** The session goes on with an earlier one: what its first turn corrects was said there. */
  isContinued?: boolean;
}

export interface GateInput extends GateSession {
  /** What comes after it is not looked at. */
  turn: number;
  /** The sessions of the conversation before this one, oldest first: the counters go on from there. */
  before?: readonly GateSession[];
  /** Who began the turn; absent: a person. Nobody waits for what a schedule or a delegated turn might teach. */
  origin?: "person" | "cron" | "delegated";
}

export type Decision =
  | { review: false; reason: string }
  | {
      review: true;
      memory: boolean;
      skills: boolean;
      reason: string;
      /** Skills that were loaded for what went wrong. */
      unhelpful: readonly string[];
    };

const no = (reason: string): Decision => ({ review: false, reason });

/**
 * Reviewed is what ended in an answer of the model's, when it corrected the agent, when a skill it read went wrong, or
 * when enough has gone by since memory or skills were last changed. The counters start afresh with each review, which
 * nobody has to store: the decisions on the turns before follow from the same steps, also of sessions that `/new` ended.
 */
export function reviewDecision({ steps, turn, isContinued, before = [], origin = "person" }: GateInput): Decision {
  if (origin !== "person") return no(origin);
  const own = { steps: steps.filter((step) => step.turn <= turn), ...(isContinued && { isContinued }) };
  if (own.steps.at(-1)?.turn !== turn) return no("no-step");
  const counters = { turns: 0, calls: 0 };
  const decisions = [...before, own].map((session) => decideInTurn(session, counters));
  return decisions.at(-1) ?? no("no-step");
}

/** The decision on the last turn of a session; the counters go on to the next. */
function decideInTurn({ steps, isContinued = false }: GateSession, counters: Counters): Decision {
  const turns = byTurn(steps);
  let decision = no("no-step");
  for (const [index, own] of turns.entries()) {
    count(counters, own);
    decision = decide(counters, own, { hasBefore: isContinued || index > 0, before: turns[index - 1] ?? [] });
    if (decision.review && decision.memory) counters.turns = 0;
    if (decision.review && decision.skills) counters.calls = 0;
  }
  return decision;
}

interface Counters {
  turns: number;
  calls: number;
}

function byTurn(steps: readonly StepRecord[]): StepRecord[][] {
  const turns = new Map<number, StepRecord[]>();
  for (const step of steps) {
    const own = turns.get(step.turn);
    if (own) own.push(step);
    else turns.set(step.turn, [step]);
  }
  return [...turns.values()];
}

const uses = (step: StepRecord, tool: string): boolean => step.assistant.toolCalls.some(({ name }) => name === tool);

function count(counters: Counters, steps: readonly StepRecord[]): void {
  if (steps.some((step) => step.sender !== undefined)) counters.turns += 1;
  if (steps.some((step) => uses(step, "memory"))) counters.turns = 0;
  for (const step of steps) {
    if (step.finish !== "notice") counters.calls += 1;
    if (uses(step, "skill_manage")) counters.calls = 0;
  }
}

function decide(
  counters: Counters,
  steps: readonly StepRecord[],
  { hasBefore, before }: { hasBefore: boolean; before: readonly StepRecord[] },
): Decision {
  const ending = problemOfEnd(steps);
  if (ending !== undefined) return no(ending);
  const corrected = hasBefore && steps.some((step) => step.sender !== undefined && isCorrection(saidIn(step)));
  const skillFailed = hasFailedSkill(steps);
  const memoryDue = counters.turns >= memoryInterval;
  const skillsDue = counters.calls >= skillInterval;
  const reasons = [
    corrected && "corrected",
    skillFailed && "skill-failed",
    memoryDue && `${counters.turns}-turns`,
    skillsDue && `${counters.calls}-calls`,
  ].filter((reason) => reason !== false);
  if (reasons.length === 0) return no("not-due");
  return {
    review: true,
    memory: corrected || memoryDue,
    skills: corrected || skillFailed || skillsDue,
    reason: reasons.join(" "),
    unhelpful: [...new Set([...(corrected ? skillsOf(before) : []), ...(skillFailed ? skillsOf(steps) : [])])],
  };
}

/** Names of the skills that these steps loaded. */
const skillsOf = (steps: readonly StepRecord[]): string[] =>
  steps.flatMap(resultsOf).flatMap((result) => {
    const viewed = result.name === "skill_view" ? viewedSchema.safeParse(parseJson(result.content)) : undefined;
    return viewed?.success ? [viewed.data.name] : [];
  });
const viewedSchema = z.object({ name: z.string() });

/** Why the end of a turn teaches nothing: it was stopped, refused, cut off, or nobody said anything. */
function problemOfEnd(steps: readonly StepRecord[]): string | undefined {
  const last = steps.at(-1);
  if (!last || last.status === "open" || last.assistant.toolCalls.length > 0) return "unfinished";
  if (last.finish === "notice" || last.finish === "content-filter") return "not-answered";
  if (last.assistant.text.trim() === "") return "no-text";
  return steps.some((step) => step.sender !== undefined) ? undefined : "nobody-asked";
}

const learningTools = new Set(["memory", "skills_list", "skill_view", "skill_manage"]);

/** A tool failed after a skill was read: the skill may have said what is wrong, or not said what matters. */
function hasFailedSkill(steps: readonly StepRecord[]): boolean {
  const results = steps.flatMap(resultsOf);
  const viewed = results.findIndex((result) => result.name === "skill_view" && !isFailure(result));
  return (
    viewed >= 0 && results.slice(viewed + 1).some((result) => !learningTools.has(result.name) && isFailure(result))
  );
}

function isFailure({ content }: ToolMessage): boolean {
  const result = parseJson(content);
  if (typeof result !== "object" || result === null) return false;
  const { error, exit_code: exitCode } = result as { error?: unknown; exit_code?: unknown };
  return typeof error === "string" || (typeof exitCode === "number" && exitCode !== 0);
}
