import type { SimpleCommand } from "./simple-command.ts";

/** What a text of shell prints, and the programs that had a part in it. */
export interface Outcome {
  output: string | undefined;
  feeders: readonly string[];
}

/** What is known while a command is read: nothing of it is ever run. */
export interface Session {
  /** Every program that would be started, outer ones before what they wrap. */
  commands: SimpleCommand[];
  environment: Map<string, string>;
  /** Variables that have one value after another, with all of them. */
  choices: Map<string, readonly string[]>;
  /** How many more times a pipeline may be read again for another value. */
  variants: number;
  /** Files that the command itself wrote, with what is known of their text. */
  files: Map<string, string>;
  /** Files that it made executable or loaded from the network. */
  fresh: Set<string>;
  folder: string | undefined;
  /** How many more characters may be read, nested ones included: this keeps the work linear. */
  remaining: number;
  /** A text that would be run could not be read. */
  isUnreadable: boolean;
  read(text: string, depth: number): Outcome;
}

/** A program with its arguments as the reader found them. */
export interface Draft {
  words: string[];
  redirects: { operator: string; target: string }[];
  feeders: string[];
  /** What is run depends on the value of a variable that an earlier command may have set. */
  isGuess?: boolean;
  /** A text that it reads: filled in when the lines of it are reached. */
  here?: { text: string };
}

export const mostDepth = 10;
export const mostCommands = 5_000;
