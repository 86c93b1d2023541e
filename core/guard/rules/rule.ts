import type { SimpleCommand } from "../shell/simple-command.ts";

/** One thing to look out for. Rules are data: what a rule is called is kept in "always allow", so ids do not change. */
export interface Rule {
  /** `topic.name`, unique. */
  id: string;
  /** For the person, as one sentence. */
  reason: string;
  /** Is handed each program that would be started, one at a time. */
  matches(command: SimpleCommand): boolean;
}

export const rule = (id: string, reason: string, matches: Rule["matches"]): Rule => ({ id, reason, matches });

/** A help page or a version is read, nothing else happens. */
export const asksForHelp = (command: SimpleCommand): boolean =>
  command.arguments.some((word) => word === "--help" || word === "--version") || command.arguments[0] === "help";

/** One of these programs, asked for more than its help. */
export const named = (command: SimpleCommand, ...names: string[]): boolean =>
  names.includes(command.name) && !asksForHelp(command);
