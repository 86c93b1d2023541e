/** Where a turn stands: pure decisions over its steps. */
import { refused } from "../base/errors.ts";
import type { UserMessage } from "../conversation/message.ts";
import type { StepRecord } from "../conversation/turn.ts";

/** A cut answer is continued this often, an empty one asked for again this often. */
const maxContinuations = 4;
const maxNudges = 2;

const isAnswer = (step: StepRecord) => step.assistant.toolCalls.length === 0;
const isEmpty = (step: StepRecord) => isAnswer(step) && step.assistant.text.trim() === "";
const isCut = (step: StepRecord) => isAnswer(step) && step.finish === "length" && !isEmpty(step);

function trailing(steps: readonly StepRecord[], test: (step: StepRecord) => boolean): StepRecord[] {
  const start = steps.findLastIndex((step) => !test(step)) + 1;
  return steps.slice(start);
}

export type Course =
  /** Ask the model; `nudge` is what the runner itself has to say first. */
  { kind: "ask"; nudge?: UserMessage } | { kind: "answered"; text: string };

const nudge = (text: string): Course => ({ kind: "ask", nudge: { role: "user", text } });

/** What follows from the steps of a turn so far; the last one, if any, is closed. */
export function courseOf(steps: readonly StepRecord[]): Course {
  const last = steps.at(-1);
  if (!last || !isAnswer(last)) return { kind: "ask" };
  if (isCut(last) && trailing(steps, isCut).length <= maxContinuations)
    return nudge("Your answer was cut off. Continue exactly where it stopped, without repeating anything.");
  if (isEmpty(last) && trailing(steps, isEmpty).length <= maxNudges)
    return nudge("Your last reply was empty. Answer the person now, or call the tool you meant to call.");
  return { kind: "answered", text: answerOf(steps, last) };
}

function answerOf(steps: readonly StepRecord[], last: StepRecord): string {
  const pieces = [...trailing(steps.slice(0, -1), isCut), last].map((step) => step.assistant.text);
  const text = pieces.join("").trim();
  if (last.finish === "content-filter") return `${text}\n\n(The model provider's filter ended this answer.)`.trim();
  return text || "The model gave an empty answer three times. Ask again in other words, or start afresh with /new.";
}

/** Said before the last, tool-less call of a turn that used up its steps. */
export const budgetSpent = (maxSteps: number): UserMessage => ({
  role: "user",
  text: `This turn has used all of its ${maxSteps} steps, so no more tools can be called. Tell the person what is done, what is not, and how to go on.`,
});

/** A model that cannot even close a turn would go round for ever. */
export function assertWithinBudget(stepsTaken: number, maxSteps: number): void {
  if (stepsTaken > maxSteps + maxContinuations + maxNudges)
    throw refused(`This turn used all of its ${maxSteps} steps without an answer.`, { code: "turn.budget" });
}
