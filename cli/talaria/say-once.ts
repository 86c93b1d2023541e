import type { Writable } from "node:stream";
import { askOnce } from "../../local/chat/ask-once.ts";
import { ReplyPrinter } from "../../local/chat/printer.ts";
import { buttonMeant } from "../../local/chat/talk.ts";
import { emptyTranscript, openButtons, withLetters } from "../../web/chat/transcript.ts";
import type { Button, Wire } from "../../web/chat/wire.ts";

/** Says one thing and prints the whole reply. Rejects when it was not accepted or the agent cannot be reached. */
export async function sayOnce(wire: Wire, said: string, output: Writable): Promise<void> {
  const printer = new ReplyPrinter((text) => void output.write(text), false);
  const button = said.startsWith("/") ? undefined : buttonMeant(said, await buttonsOf(wire));
  await askOnce(wire, button ?? said, ({ entries }) => printer.show(entries));
}

/** What the agent's last letter, printed by an earlier command, can be answered with. */
async function buttonsOf(wire: Wire): Promise<readonly Button[]> {
  let transcript = emptyTranscript;
  for (let before = -1; before < transcript.version;) {
    before = transcript.version;
    transcript = withLetters(transcript, await wire.lettersAfter(before));
  }
  return openButtons(transcript);
}
