import { systemClock } from "../../core/base/clock.ts";
import { refused } from "../../core/base/errors.ts";
import { Conversation } from "../../web/chat/conversation.ts";
import { messageIds } from "../../web/chat/message-id.ts";
import type { Transcript } from "../../web/chat/transcript.ts";
import type { Button, Wire } from "../../web/chat/wire.ts";

/**
 * Says one thing, or presses one button, and waits for the whole reply; what was said before is not in the transcript,
 * which is shown whenever it grows. Rejects when the message was not accepted or the agent cannot be reached.
 */
export async function askOnce(
  wire: Wire,
  said: string | Button,
  show: (transcript: Transcript) => void = () => {},
): Promise<Transcript> {
  const over = Promise.withResolvers<void>();
  const conversation: Conversation = new Conversation({
    wire,
    clock: systemClock,
    newId: messageIds(Date.now),
    transcript: { entries: [], version: Date.now() },
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
