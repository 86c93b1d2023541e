import type { Inbound } from "../conversation/inbound.ts";
import type { UserMessage } from "../conversation/message.ts";
import type { ClosedStep } from "../conversation/turn.ts";
import { keptOf } from "../conversation/said.ts";
import { noUsage } from "../conversation/usage.ts";
import type { Turn } from "./load.ts";

/** What stands for the person where nobody said anything: two answers in a row would break the roles' alternation. */
const interrupted: UserMessage = { role: "user", text: "(interrupted)" };

function inputOf(turn: Turn, input: UserMessage | null | undefined): UserMessage | null {
  if (input?.text) return input;
  const before = turn.steps.at(-1) ?? turn.earlier.at(-1);
  return before && before.assistant.toolCalls.length > 0 ? null : interrupted;
}

const inputAndSaid = (input: UserMessage | null, said: string) => ({ input, ...keptOf(said, input) });

interface Heard {
  messages: readonly Inbound[];
  input?: UserMessage | null;
  /** What the person said; absent: the input. */
  said?: string;
}

/** A step that no model took: what we told the person ourselves, kept in the history so that the model knows of it. */
export const notice = (
  turn: Turn,
  { messages, input, said = input?.text ?? "" }: Heard,
  text: string,
  at: number,
): ClosedStep => ({
  status: "closed",
  turn: turn.input.turn,
  step: turn.steps.length,
  ...inputAndSaid(inputOf(turn, input), said),
  inbox: messages.map((message) => message.key),
  place: messages.at(-1)?.place ?? null,
  assistant: { role: "assistant", text, toolCalls: [] },
  finish: "notice",
  usage: noUsage,
  model: "none",
  at,
  activeMs: 0,
  waitedMs: 0,
  results: [],
});
