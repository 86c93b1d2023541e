import { redact } from "../guard/redact.ts";
import { saidIn } from "../conversation/said.ts";
import type { StepRecord } from "../conversation/turn.ts";
import { messageId, type FoundMessage, type SearchRole } from "./search.ts";

/** A message with its place; the index keeps these. */
export interface IndexedMessage extends FoundMessage {
  session: string;
  turn: number;
  step: number;
}

/** Longer texts are indexed by their beginning; the session itself keeps them whole. */
const maxChars: Readonly<Record<SearchRole, number>> = { user: 40_000, assistant: 40_000, tool: 4_000 };
const titleChars = 80;

const cut = (text: string, chars: number): string =>
  text.length > chars ? `${text.slice(0, chars).toWellFormed()} […]` : text;

/** Masked before it is cut, since half a secret is not recognised. */
const stored = (role: SearchRole, text: string): string => cut(redact(text).trim(), maxChars[role]);

/** The first words of what was said first. */
export const titleOf = (text: string): string => cut(redact(text).replaceAll(/\s+/g, " ").trim(), titleChars);

/** What was said in these steps. Commands and their answers are not: a search would find itself. */
export function messagesOfSteps(session: string, steps: readonly StepRecord[]): IndexedMessage[] {
  return steps.flatMap((step) => {
    if (step.finish === "notice" && step.input?.text.startsWith("/")) return [];
    const said: [SearchRole, string][] = [
      ["user", saidIn(step)],
      ["assistant", step.assistant.text],
      ["tool", step.results.map(({ name, content }) => `${name}: ${content}`).join("\n")],
    ];
    return said.flatMap(([role, text]) => {
      const place = { session, turn: step.turn, step: step.step, role };
      const kept = stored(role, text);
      return kept === "" ? [] : [{ ...place, id: messageId(place), text: kept, at: step.at }];
    });
  });
}
