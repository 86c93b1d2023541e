import { systemClock } from "../../core/base/clock.ts";
import { refused } from "../../core/base/errors.ts";
import { Conversation } from "../../web/chat/conversation.ts";
import { messageIds } from "../../web/chat/message-id.ts";
import type { Transcript } from "../../web/chat/transcript.ts";
import type { Button, Wire } from "../../web/chat/wire.ts";

export interface AskOptions {
  /** Letters of earlier versions are not looked at. The agent's clock made them: ours may be another. */
  from: number;
  /** Told of the transcript whenever it grows. */
  show?: (transcript: Transcript) => void;
}

/**
 * Says one thing, or presses one button, and waits for the whole reply. Rejects when the message was not accepted or the
 * agent cannot be reached.
 */
export async function askOnce(
  wire: Wire,
  said: string | Button,
  { from, show = () => {} }: AskOptions,
): Promise<Transcript> {
  const over = Promise.withResolvers<void>();
  const conversation: Conversation = new Conversation({
    wire,
    clock: systemClock,
    newId: messageIds(Date.now),
    transcript: { entries: [], version: from },
    onChange: () => {
      show(conversation.transcript);
      if (!conversation.isAwaited || conversation.health.kind !== "well") over.resolve();
    },
  });
  if (typeof said === "string") conversation.say(said);
  else conversation.press(said);
  conversation.start();
  await over.promise;
  conversation.close();
  const { health, transcript } = conversation;
  if (health.kind !== "well") throw refused(health.message);
  const [message] = transcript.entries.filter((entry) => entry.by === "person");
  if (message?.state === "refused") throw refused(`The message was not accepted. ${message.problem ?? ""}`);
  return transcript;
}
