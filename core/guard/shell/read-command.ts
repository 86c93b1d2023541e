import { ScriptReader } from "./reader.ts";
import { mostCommands, type Session } from "./session.ts";
import type { SimpleCommand } from "./simple-command.ts";

/** Longer commands are not read: nobody writes them by hand. */
export const longestCommand = 128_000;
/** Nested texts count as well, so that the work stays linear. */
const mostCharacters = 4 * longestCommand;
/** What stands in loops is read for each of their values, this often in all. */
const mostVariants = 1_000;

/** Every program that this text of shell would start, as far as it can be told without running it. */
export function readCommand(text: string): { commands: SimpleCommand[]; isUnreadable: boolean } {
  const session: Session = {
    commands: [],
    environment: new Map(),
    choices: new Map(),
    variants: mostVariants,
    files: new Map(),
    fresh: new Set(),
    folder: undefined,
    remaining: mostCharacters,
    isUnreadable: false,
    read(inner, depth) {
      if (session.commands.length <= mostCommands) return new ScriptReader(inner, session, depth).read();
      session.isUnreadable = true;
      return { output: undefined, feeders: [] };
    },
  };
  session.read(text, 0);
  return session;
}
