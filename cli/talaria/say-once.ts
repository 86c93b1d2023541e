import type { Writable } from "node:stream";
import { askOnce } from "../../local/chat/ask-once.ts";
import { ReplyPrinter } from "../../local/chat/printer.ts";
import { buttonMeant } from "../../local/chat/talk.ts";
import { emptyTranscript, openButtons, type Transcript, withLetters } from "../../web/chat/transcript.ts";
import type { Wire } from "../../web/chat/wire.ts";

/** Says one thing and prints the whole reply. Rejects when it was not accepted or the agent cannot be reached. */
export async function sayOnce(wire: Wire, said: string, output: Writable): Promise<void> {
  const printer = new ReplyPrinter((text) => void output.write(text), false);
  const before = await soFar(wire);
  const button = said.startsWith("/") ? undefined : buttonMeant(said, openButtons(before));
  await askOnce(wire, button ?? said, { from: before.version + 1, show: ({ entries }) => printer.show(entries) });
}

/** The agent's letters, printed by earlier commands: the last of them may be a question. */
async function soFar(wire: Wire): Promise<Transcript> {
  let transcript = emptyTranscript;
  for (let before = -1; before < transcript.version;) {
    before = transcript.version;
    transcript = withLetters(transcript, await wire.lettersAfter(before));
  }
  return transcript;
}
