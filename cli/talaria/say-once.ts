import { Readable, type Writable } from "node:stream";
import { Talk } from "../../local/chat/talk.ts";
import type { Wire } from "../../web/chat/wire.ts";

/** Says one line and prints the whole reply. Rejects when it was not accepted or the agent cannot be reached. */
export function sayOnce(
  wire: Wire,
  line: string,
  { output, notices }: { output: Writable; notices: Writable },
): Promise<void> {
  return new Talk({ wire, input: Readable.from([`${line}\n`]), output, notices, isInteractive: false }).run();
}
