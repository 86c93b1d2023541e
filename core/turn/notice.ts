import type { Inbound } from "../conversation/inbound.ts";
import type { UserMessage } from "../conversation/message.ts";
import type { ClosedStep } from "../conversation/turn.ts";
import { noUsage } from "../conversation/usage.ts";
import type { Turn } from "./load.ts";

/** A step that no model took: what we told the person ourselves, kept in the history so that the model knows of it. */
export const notice = (
  turn: Turn,
  said: { messages: readonly Inbound[]; input?: UserMessage },
  text: string,
  at: number,
): ClosedStep => ({
  status: "closed",
  turn: turn.input.turn,
  step: turn.steps.length,
  input: said.input?.text ? said.input : null,
  inbox: said.messages.map((message) => message.key),
  place: said.messages.at(-1)?.place ?? null,
  assistant: { role: "assistant", text, toolCalls: [] },
  finish: "notice",
  usage: noUsage,
  model: "none",
  at,
  results: [],
});
