/** What a person said in a step, as opposed to what the model was sent. */
import type { StepRecord } from "./turn.ts";

/** Around what an external memory recalled for a message (memory/external.ts): it stands behind the person's words. */
export const recalledFence = { opening: "<recalled-memory>", closing: "</recalled-memory>" };

export function withoutRecalled(text: string): string {
  const start = text.lastIndexOf(recalledFence.opening);
  return start < 0 || !text.trimEnd().endsWith(recalledFence.closing) ? text : text.slice(0, start).trimEnd();
}

/** "" when nobody said anything. */
export const saidIn = ({ said, input }: Pick<StepRecord, "said" | "input">): string =>
  said ?? withoutRecalled(input?.text ?? "");

/** What a step keeps of what was said: nothing where its input says it. */
export const keptOf = (said: string, input: StepRecord["input"]): { said?: string } =>
  said === saidIn({ input }) ? {} : { said };
