import { isKind, messageOf } from "../base/errors.ts";
import type { Inbound } from "../conversation/inbound.ts";
import { identityOf } from "../gateway/authorise.ts";
import { commandOf } from "../gateway/commands.ts";
import { answerTo } from "./answer-command.ts";
import type { Reply } from "./conclude.ts";
import { buttonsOf } from "./deliver.ts";
import type { Turn } from "./load.ts";
import type { TurnPorts } from "./ports.ts";
import { learnerOf } from "./unfold.ts";
import type { Workplace } from "./open-step.ts";
import { wasNotSent } from "./patience.ts";
import { sendText } from "./send-text.ts";

/** Said to whoever presses a button that means nothing any more. */
export const latePress =
  "That question is not open any more: it was answered, its time ran out, or it was not asked of you. Nothing has changed.";

/** A button outside of a waiting call: one of a proposal, or one that is not open any more. */
export async function pressText(
  message: Inbound,
  turn: Turn,
  ports: TurnPorts,
): Promise<Pick<Reply, "text" | "buttons">> {
  if (!message.pressed?.startsWith("prop_")) return { text: latePress };
  return ports.answerLearning("proposal", message.pressed, {
    ...learnerOf(turn, message),
    conversation: turn.input.conversation,
    place: message.place,
    identity: identityOf(message),
  });
}

export async function answerPress(message: Inbound, turn: Turn, ports: TurnPorts): Promise<Reply> {
  const answer = await pressText(message, turn, ports);
  return { ...answer, outcome: "answered", place: message.place, consumes: [message.key] };
}

/**
 * Answers what does not concern the calls that wait, while they go on waiting: what fails here must not end them. False
 * when the platform takes nothing for longer than we may wait here: the message is left in the queue for the next
 * look at the step, or for a turn of its own, whose reply is owed.
 */
export async function answerAside(
  message: Inbound,
  { turn, ports, isInDoubt }: Workplace & { isInDoubt: boolean },
): Promise<boolean> {
  const { conversation, session, turn: number } = turn.input;
  try {
    const command = message.pressed === undefined ? commandOf(message.text) : undefined;
    const answer: Pick<Reply, "text" | "buttons"> = await (command === undefined
      ? pressText(message, turn, ports)
      : answerTo(command, message, turn, ports));
    const channel = await ports.channel(message.place);
    await sendText({ ...channel, clock: ports.clock }, message.place, {
      markdown: answer.text,
      key: `aside-${message.key}`,
      isInDoubt,
      ...buttonsOf(answer, channel),
    });
  } catch (error) {
    ports.log.warn("aside.failed", { session, reason: messageOf(error) });
    if (isKind(error, "retryable") && wasNotSent(error)) return false;
  }
  // At once, so that what a command did is not done again by a worker that takes over.
  await ports.store.inbox.consume(conversation, [message.key], `${session}#${number}`);
  return true;
}
