import { parseCommandLine } from "../../core/base/command-line.ts";
import { refused } from "../../core/base/errors.ts";

export interface TalariaOptions {
  /** What is said, by words: `curator diff 2`. */
  words: string[];
  /** The deployment; absent for the agent on this machine. */
  stage: string | undefined;
  help: boolean;
}

export const usage = `npm run talaria -- curator status            what /curator status says, of the agent on this machine
npm run talaria -- curator diff 2            any chat command works: skills undo, memory list, journey, status …
npm run talaria -- --stage production …      the same of that deployment, if this folder deployed it
The agent of this machine is the one that npm start runs, or else one of its own for as long as the answer takes.`;

export function readTalariaOptions(argv: readonly string[]): TalariaOptions {
  const { values, positionals } = parseCommandLine({
    args: [...argv],
    options: { stage: { type: "string" }, help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  const { stage } = values;
  // SST's own rule.
  if (stage !== undefined && !/^[a-zA-Z][a-zA-Z0-9-]*$/.test(stage))
    throw refused(`--stage is “${stage}”; it must be letters, digits and hyphens, a letter first.`);
  return { words: positionals, stage, help: values.help ?? false };
}

/** The chat command; `undefined` when nothing was said. A leading slash may be there, and line breaks may not. */
export function chatLineOf(words: readonly string[]): string | undefined {
  const line = words.join(" ").replace(/\s+/g, " ").trim().replace(/^\/+/, "");
  return line === "" ? undefined : `/${line}`;
}
