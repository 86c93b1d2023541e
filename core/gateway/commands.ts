import type { Inbound } from "../conversation/inbound.ts";

export const commandNames = [
  "help",
  "new",
  "stop",
  "status",
  "sessions",
  "resume",
  "memory",
  "skills",
  "journey",
  "refine",
  "curator",
  "rollback",
  "allowed",
  "whoami",
] as const;
export type CommandName = (typeof commandNames)[number];

/** Other words for a command. */
const aliases: ReadonlyMap<string, CommandName> = new Map([
  ["start", "help"],
  ["commands", "help"],
  ["reset", "new"],
  ["permissions", "allowed"],
]);

export const commandHelp: Record<CommandName, string> = {
  help: "what I understand",
  new: "start a new session; the old one is kept",
  stop: "stop what I am doing (plain “stop” works too)",
  status: "the session, the model and what this session has used",
  sessions: "your earlier sessions, or those with certain words in them",
  resume: "go on with an earlier session: its id or words from it",
  memory: "what I have noted: list, search, edit, forget, undo",
  skills: "what I have learnt to do: list, view, undo, pin, archive, import and more",
  journey: "what I have learnt, from what, and what came of it",
  refine: "look over this session for what is worth learning, with a focus if you like",
  curator: "the weekly upkeep of skills and notes: status, proposals, approve, rollback",
  rollback: "undo changes to your files: the list of checkpoints, `diff 2`, or `2` to go back to the second",
  allowed: "what I may do without asking, since you allowed it; `forget 2` takes it back",
  whoami: "your id on this platform, as agent.config.ts wants it, and whether you are an owner",
};

/** The command that a message is, or `undefined` when it is for the model. `/help@bot` is `/help`. */
export function commandOf(text: string): CommandName | undefined {
  const word = /^\/([a-z]+)(?:@\w+)?(?:\s|$)/i.exec(text.trim())?.[1]?.toLowerCase();
  if (word === undefined) return undefined;
  return aliases.get(word) ?? commandNames.find((name) => name === word);
}

/** What is said after a command's name. */
export const argumentsOf = (text: string): string => text.trim().replace(/^\S+\s*/, "");

const stopWords = [
  /^(please )?(stop|halt|abort|cancel)( (it|that|this|now|please|everything|talking|working))*$/,
  /^(never ?mind|forget it|enough|that('s| is) enough)$/,
  /^(stopp|halt an|aufhören|hör auf|abbrechen|arrête|arrete|para|basta|detente|alto|ferma|fermati|stop maar)$/,
];

/** A whole message that means “stop”, said while a turn is running. A sentence that only contains the word does not count. */
export function isPlainStop(text: string): boolean {
  const plain = text
    .toLowerCase()
    .replace(/[.!,…]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return stopWords.some((pattern) => pattern.test(plain));
}

export const isStop = (message: Inbound): boolean => commandOf(message.text) === "stop" || isPlainStop(message.text);
