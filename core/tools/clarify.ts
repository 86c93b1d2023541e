import * as z from "zod";
import type { Json } from "../base/json.ts";
import { newId } from "../base/ids.ts";
import { defineTool, Waiting, type Wake } from "./tool.ts";

/** A question may wait this long: the machine of a turn ends after a week (turn/machine.ts). */
const maxWaitMs = 3 * 24 * 3_600_000;

const input = z.object({
  question: z.string().min(1).max(2_000),
  choices: z.array(z.string().min(1).max(60)).max(4).optional().describe("Likely answers; they may answer otherwise"),
  multi_select: z.boolean().optional().describe("Several choices may apply"),
});
type Input = z.infer<typeof input>;

const choicesOf = ({ choices = [], multi_select: isMulti }: Input) =>
  // Several of them cannot be pressed at once: they are answered in words.
  isMulti ? [] : choices.map((label, index) => ({ id: `c${index + 1}`, label }));

function textOf({ question, choices = [], multi_select: isMulti }: Input): string {
  if (choices.length === 0) return question;
  const list = choices.map((choice, index) => `${index + 1}. ${choice}`).join("\n");
  return `${question}\n\n${list}\n\n${isMulti ? "Any of them, or your own words." : "Or answer in your own words."}`;
}

/** A number means the choice in that place. */
function answerOf({ choices = [] }: Input, wake: Extract<Wake, { by: "answer" }>): string {
  const number = Number(wake.choice?.slice(1) ?? (/^\d$/.test(wake.text.trim()) ? wake.text.trim() : Number.NaN));
  return choices[number - 1] ?? wake.text;
}

export const clarify = defineTool({
  name: "clarify",
  toolset: "clarify",
  description:
    "Ask the person a question and wait for the answer, days if need be. Only for what you cannot find out or decide yourself.",
  input,
  // Nothing happens in the world: an answer that a dying worker took up is read again.
  effect: "read",
  async run(question, { clock }) {
    return new Waiting({
      state: null,
      until: clock.now() + maxWaitMs,
      question: { id: newId("question"), text: textOf(question), choices: choicesOf(question) },
    });
  },
  async resume(question, { wake }): Promise<Json> {
    if (wake.by === "answer") return { answer: answerOf(question, wake) };
    if (wake.by === "time")
      return {
        answer: null,
        note: "Nobody answered in three days. That is not a no: decide what is safe, or leave it.",
      };
    return { answer: null, note: "Not answered: the person said something else, which follows." };
  },
});
