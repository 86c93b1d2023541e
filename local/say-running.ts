import { randomUUID } from "node:crypto";
import { systemClock } from "../core/base/clock.ts";
import { refused } from "../core/base/errors.ts";
import { Conversation } from "../web/chat/conversation.ts";
import { messageIds } from "../web/chat/message-id.ts";
import { openButtons } from "../web/chat/transcript.ts";
import type { Wire } from "../web/chat/wire.ts";
import { runningAgent } from "./chat/agent.ts";
import type { Options } from "./options.ts";
import { type SayResult, unanswerable } from "./say.ts";

/** What a client of a running agent knows of a turn; the rest is null, since only that process could tell. */
type RunningResult = Pick<SayResult, "reply" | "ms"> & Record<Exclude<keyof SayResult, "reply" | "ms">, null>;

/** Says it to the agent that runs in this data folder, in a conversation of its own; `undefined` when none runs. */
export async function sayToRunning(message: string, options: Options): Promise<RunningResult | undefined> {
  const agent = await runningAgent(options, process.env, `say-${randomUUID().slice(0, 8)}`);
  if (!agent) return undefined;
  const startedAt = Date.now();
  const reply = await replyOf(agent.wire, message);
  return { reply, ms: Date.now() - startedAt, turn: null, steps: null, tools: null, usage: null, awsCalls: null };
}

/** The whole reply. Rejects when the message was not accepted, the agent cannot be reached, or it asks something. */
async function replyOf(wire: Wire, message: string): Promise<string> {
  const over = Promise.withResolvers<void>();
  const conversation: Conversation = new Conversation({
    wire,
    clock: systemClock,
    newId: messageIds(Date.now),
    onChange: () => {
      if (!conversation.isAwaited || conversation.health.kind !== "well") over.resolve();
    },
  });
  conversation.say(message);
  conversation.start();
  await over.promise;
  conversation.close();
  const { health, transcript } = conversation;
  if (health.kind !== "well") throw refused(health.message);
  const said = transcript.entries.find((entry) => entry.by === "person");
  if (said?.state === "refused") throw refused(`The message was not accepted. ${said.problem ?? ""}`);
  const reply = transcript.entries.flatMap((entry) => (entry.by === "agent" && entry.final ? [entry.text] : []));
  if (openButtons(transcript).length > 0) throw unanswerable(reply.join("\n"));
  return reply.join("\n");
}
