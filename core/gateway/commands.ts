import type { Inbound } from "../conversation/inbound.ts";

export const commandNames = ["help", "new", "stop", "status", "whoami"] as const;
export type CommandName = (typeof commandNames)[number];

/** Other words for a command. */
const aliases: Record<string, CommandName> = { start: "help", commands: "help", reset: "new" };

export const commandHelp: Record<CommandName, string> = {
  help: "what I understand",
  new: "start a new session; the old one is kept",
  stop: "stop what I am doing (plain “stop” works too)",
  status: "the session, the model and what this session has used",
  whoami: "your id on this platform, as the list of allowed users wants it",
};

/** The command that a message is, or `undefined` when it is for the model. `/help@bot` is `/help`. */
export function commandOf(text: string): CommandName | undefined {
  const word = /^\/([a-z]+)(?:@\w+)?(?:\s|$)/i.exec(text.trim())?.[1]?.toLowerCase();
  if (word === undefined) return undefined;
  return aliases[word] ?? commandNames.find((name) => name === word);
}

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
