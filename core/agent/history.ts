import type { Message, ToolMessage } from "../conversation/message.ts";
import type { StepRecord } from "../conversation/turn.ts";

/** What the model is told of a call whose worker died: it must look before it tries again. */
const unknownOutcome = JSON.stringify({
  error:
    "The machine that ran this call stopped before its result was saved, so the outcome is unknown: it may or may " +
    "not have happened. It was not run again. Check the state first, then decide.",
});

export const unknownResult = (call: { id: string; name: string }): ToolMessage => ({
  role: "tool",
  callId: call.id,
  name: call.name,
  content: unknownOutcome,
});

/** Results in call order; a step that never closed answers calls without one with “unknown”. */
export const resultsOf = (step: StepRecord): ToolMessage[] =>
  step.status === "closed"
    ? step.results
    : step.assistant.toolCalls.map(
        (call) => step.results.find(({ callId }) => callId === call.id) ?? unknownResult(call),
      );

/**
 * The messages that a model is sent for these steps: a pure function of what is stored, so equal steps give equal
 * bytes. An assistant that said nothing still takes its place, since roles must alternate.
 */
export function messagesOf(steps: readonly StepRecord[]): Message[] {
  return steps.flatMap((step) => {
    const isSilent = step.assistant.text === "" && step.assistant.toolCalls.length === 0;
    const assistant = isSilent ? { ...step.assistant, text: "(no answer)" } : step.assistant;
    return [...(step.input ? [step.input] : []), assistant, ...resultsOf(step)];
  });
}
