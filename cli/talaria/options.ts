import { parseCommandLine, splitAtFirstWord } from "../../core/base/command-line.ts";
import { refused } from "../../core/base/errors.ts";
import { commandOf } from "../../core/gateway/commands.ts";

export interface TalariaOptions {
  /** What is said, by words: `curator diff 2`. */
  words: string[];
  /** The deployment; absent for the agent on this machine. */
  stage: string | undefined;
  help: boolean;
}

export const usage = `npm run talaria -- curator status            what /curator status says, of the agent on this machine
npm run talaria -- curator diff 2            any chat command works: skills undo, memory list, journey, status …
npm run talaria -- yes                       other words are said as they are: the answer to a question, or its number
npm run talaria -- say new plans for today   all after say is, also where it begins like a command
npm run talaria -- /code-review look at a.ts a skill is called with its slash
npm run talaria -- skills export NAME [DIR]  writes a skill as the folder DIR/NAME, here when no DIR is named
npm run talaria -- --stage production …      the same of that deployment, if this folder deployed it
Options after the first word are the command's: skills import <address> --force.
The agent of this machine is the one that npm start runs, or else one of its own for as long as the answer takes.`;

const options = { stage: { type: "string" }, help: { type: "boolean", short: "h" } } as const;

export function readTalariaOptions(argv: readonly string[]): TalariaOptions {
  const { own, words } = splitAtFirstWord(argv, options);
  const { stage, help = false } = parseCommandLine({ args: own, options }).values;
  // SST's own rule.
  if (stage !== undefined && !/^[a-zA-Z][a-zA-Z0-9-]*$/.test(stage))
    throw refused(`--stage is “${stage}”; it must be letters, digits and hyphens, a letter first.`);
  return { words, stage, help };
}

/** Not commands of the gateway, but understood with their slash all the same (core/turn/unfold.ts). */
const unfolding = /^learn(\s|$)/i;

/** What is said to the agent: a command by its name alone, anything else as it is. `undefined` when nothing was said. */
export function saidBy(words: readonly string[]): string | undefined {
  const isQuoted = words[0]?.toLowerCase() === "say";
  const text = (isQuoted ? words.slice(1) : words).join(" ").trim();
  if (text === "") return undefined;
  const isCommand = !isQuoted && (commandOf(`/${text}`) !== undefined || unfolding.test(text));
  return isCommand ? `/${text}` : text;
}
