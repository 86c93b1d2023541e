import type { Inbound } from "../conversation/inbound.ts";
import type { UserMessage } from "../conversation/message.ts";
import { commandOf, isStop, type CommandName } from "../gateway/commands.ts";

/** What the waiting messages mean for the step that is about to be taken, and which of them it consumes. */
export type Plan =
  | { kind: "go-on"; messages: [] }
  /** `said` is the messages in their own words, however the input puts them. */
  | { kind: "say"; messages: Inbound[]; input: UserMessage; said: string }
  | { kind: "command"; messages: [Inbound]; command: CommandName }
  /** A button was pressed that nobody waits for. */
  | { kind: "late-press"; messages: [Inbound] }
  | { kind: "stop"; messages: Inbound[]; input: UserMessage };

/**
 * In a group the model must know who speaks: by the name they chose and the id that they did not, and no text of theirs
 * may begin a line as another speaker would. In a direct chat it is always the same person.
 */
function said({ place, sender, text, rang }: Inbound): string {
  if (place.kind === "direct") return text;
  // What a job wrote cannot speak as a member of the group.
  if (rang) return text.replaceAll(/\n\[/g, "\n\\[");
  const name = sender.name?.replaceAll(/[[\]\s]+/g, " ").trim();
  return `[${name ? `${name}, ` : ""}${sender.id}] ${text.replaceAll(/^\[/gm, "\\[")}`;
}

export const inputOf = (messages: readonly Inbound[]): UserMessage => ({
  role: "user",
  text: messages.map(said).join("\n\n"),
});

/** Characters that one step takes from the queue, unless a single message is longer; the rest waits for the next step. */
const maxInputLength = 200_000;

function fitting(messages: readonly Inbound[]): Inbound[] {
  let length = 0;
  return messages.filter((message, index) => {
    length += message.text.length;
    return index === 0 || length <= maxInputLength;
  });
}

/** Said by a person in words: a button's label and a job's news are neither a command nor a stop. */
const isSaid = ({ pressed, rang }: Inbound): boolean => pressed === undefined && rang === undefined;

/** What ends a running turn before its time. */
export const interruptsTurn = (message: Inbound): boolean =>
  isSaid(message) && (isStop(message) || commandOf(message.text) === "new");

/** Answered on its own, never said to the model. */
const isApart = (message: Inbound): boolean =>
  message.pressed !== undefined || (isSaid(message) && commandOf(message.text) !== undefined);

/** A job that rang for a call which does not wait any more: of no use to anybody. */
export const isStaleRing = ({ rang }: Inbound): boolean => rang !== undefined && !rang.tell;

/**
 * Before the first step a command is answered on its own, and texts up to the next command are taken together.
 * A stop ends what runs, or what was said just before it, together with all that was said until then; `/new` does so
 * too but keeps its place in the queue, so that the next turn carries it out. Other commands wait for the turn's end.
 * “Stop” with nothing before it is a sentence like any other.
 */
export function planStep(pending: readonly Inbound[], isRunning: boolean): Plan {
  const first = pending[0];
  if (!first) return { kind: "go-on", messages: [] };
  const end = pending.findIndex(interruptsTurn);
  const interrupt = pending[end];
  if (interrupt && (isRunning || end > 0)) {
    const messages = pending.slice(0, isStop(interrupt) ? end + 1 : end);
    return { kind: "stop", messages, input: inputOf(messages) };
  }
  const command = isSaid(first) ? commandOf(first.text) : undefined;
  if (isApart(first) && isRunning) return { kind: "go-on", messages: [] };
  if (first.pressed !== undefined) return { kind: "late-press", messages: [first] };
  if (command) return { kind: "command", messages: [first], command };
  const nextApart = pending.findIndex(isApart);
  const messages = fitting(pending.slice(0, nextApart < 0 ? undefined : nextApart));
  const input = inputOf(messages);
  return { kind: "say", messages, input, said: input.text };
}
