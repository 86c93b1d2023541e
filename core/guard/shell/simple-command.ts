/** Stands for text that only the running shell would know. */
export const unknownMark = "\ue000";
/** Stands for text that comes from the network, from a decoder or from a file that was encoded. */
export const foreignMark = "\ue001";

/** One program as it would be started, after everything that wraps or disguises it is taken off. */
export interface SimpleCommand {
  /** The last part of the program's path, in lower case. */
  name: string;
  /** As it was written, with the path. */
  path: string;
  arguments: readonly string[];
  redirects: readonly { operator: string; target: string }[];
  /** `NAME=value` in front of it. */
  assignments: readonly string[];
  /** By sudo or doas. */
  isElevated: boolean;
  /** What starts it with arguments that nobody can read here. */
  via?: "xargs" | "find";
  /** Names of the programs whose output it reads, or whose output is part of its arguments. */
  feeders: readonly string[];
  /** What it reads, where that can be known. */
  input?: string;
  /** The folder it runs in, where that can be known. */
  folder?: string;
  /** Nobody can tell here what is run: a variable, an alias or a text that an earlier command may have set. */
  isUnknown?: boolean;
  /** Was made executable or downloaded by a command before it. */
  isFresh: boolean;
}

/** Whether an option is given: as a letter in any group of letters, as a long name or as the beginning of one. */
export function hasFlag(command: SimpleCommand, letters: string, ...longNames: string[]): boolean {
  for (const word of command.arguments) {
    if (word === "--") return false;
    if (word.startsWith("--")) {
      const name = word.slice(2).split("=")[0] ?? "";
      if (name.length > 2 && longNames.some((long) => long.startsWith(name))) return true;
    } else if (/^-[A-Za-z]/.test(word)) {
      if (letters.split("").some((letter) => word.slice(1).split("=")[0]!.includes(letter))) return true;
      if (longNames.includes(word.slice(1))) return true;
    }
  }
  return false;
}

/** The arguments that are no options. */
export function operands(command: SimpleCommand): string[] {
  const end = command.arguments.indexOf("--");
  const before = end < 0 ? command.arguments : command.arguments.slice(0, end);
  const after = end < 0 ? [] : command.arguments.slice(end + 1);
  return [...before.filter((word) => !/^-./.test(word)), ...after];
}

const texts = new WeakMap<SimpleCommand, string>();

/** The program and its arguments; many rules ask for it. */
export function textOf(command: SimpleCommand): string {
  const known = texts.get(command);
  if (known !== undefined) return known;
  const text = `${command.name} ${command.arguments.join(" ")}`.trimEnd();
  texts.set(command, text);
  return text;
}

/** The argument that follows this one, or `--name=value`. */
export function optionValue(command: SimpleCommand, ...names: string[]): string | undefined {
  for (const [index, word] of command.arguments.entries()) {
    if (names.includes(word)) return command.arguments[index + 1];
    const long = names.find((name) => name.startsWith("--") && word.startsWith(`${name}=`));
    if (long) return word.slice(long.length + 1);
  }
  return undefined;
}

/** Where the command writes by redirection. */
export const writtenByRedirect = (command: SimpleCommand): string[] =>
  command.redirects.filter(({ operator }) => operator.includes(">")).map(({ target }) => target);
