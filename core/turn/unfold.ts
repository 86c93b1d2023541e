import type { Inbound } from "../conversation/inbound.ts";
import { argumentsOf, commandOf } from "../gateway/commands.ts";
import { ownerOf, profileOf } from "../gateway/conversation-key.ts";
import { learnPrompt } from "../learning/commands.ts";
import { sourceText } from "../learning/source.ts";
import type { Learner } from "../learning/review/ports.ts";
import { invokeSkills } from "../skills/invoke.ts";
import type { Turn } from "./load.ts";
import type { TurnPorts } from "./ports.ts";

/** Whose turn this is: what is learnt in it is theirs, and comes from here. */
export function learnerOf({ input, session }: Turn, { place, sender }: Pick<Inbound, "place" | "sender">): Learner {
  const owner = session?.owner ?? ownerOf(input.conversation, place, sender.id);
  return { profile: profileOf(input.conversation), owner, session: input.session, turn: input.turn };
}

/**
 * What the model reads in place of a message that begins with the name of a skill, or with `/learn`. It is a message of the
 * person's like any other, so no prompt cache is broken.
 */
export async function unfolded(message: Inbound, turn: Turn, ports: TurnPorts): Promise<Inbound> {
  const isForModel = message.pressed === undefined && !message.rang && commandOf(message.text) === undefined;
  if (!isForModel || !/^\s*\/[a-z0-9]/i.test(message.text)) return message;
  if (/^\s*\/learn(\s|$)/i.test(message.text)) {
    const source = argumentsOf(message.text);
    return { ...message, text: learnPrompt(source) + (await sourceText(source, ports.fetchPage)) };
  }
  const invocation = await invokeSkills(ports.skills(learnerOf(turn, message)), message.text);
  return invocation ? { ...message, text: invocation.text } : message;
}
