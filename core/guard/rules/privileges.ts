import { hasFlag, operands } from "../shell/simple-command.ts";
import { shells } from "../shell/perform.ts";
import { rule, type Rule } from "./rule.ts";

export const privileges: readonly Rule[] = [
  rule(
    "privilege.login",
    "It opens a shell as root.",
    (command) =>
      command.name === "sudo" &&
      optionsOf(command.arguments).some((word) => /^-[a-zA-Z]*[is]$|^--(?:login|shell)$/.test(word)),
  ),
  rule(
    "privilege.shell",
    "It opens a shell as root.",
    (command) =>
      command.isElevated &&
      (shells.has(command.name) || command.name === "su") &&
      command.arguments.every((word) => word.startsWith("-") || word === "root"),
  ),
  rule(
    "privilege.environment",
    "It keeps the environment when it becomes root.",
    (command) =>
      command.name === "sudo" && optionsOf(command.arguments).some((word) => /^-[a-zA-Z]*E|^--preserve-env/.test(word)),
  ),
  rule(
    "privilege.su",
    "It becomes another account.",
    (command) => command.name === "su" && !hasFlag(command, "h", "help"),
  ),
  rule(
    "privilege.namespace",
    "It leaves the bounds that a program runs in.",
    (command) =>
      /^(?:nsenter|pkexec|capsh|machinectl)$/.test(command.name) ||
      (command.name === "chroot" && operands(command).length > 0),
  ),
  rule(
    "privilege.history",
    "It wipes the record of commands.",
    (command) =>
      (command.name === "history" && hasFlag(command, "cwd")) ||
      command.assignments.some((word) => /^HISTFILE=(?:\/dev\/null)?$/.test(word)),
  ),
];

/** Those of sudo itself, in front of the program. */
function optionsOf(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word, index) => !word.startsWith("-") && !/^-[ugpCTRDhr]$/.test(words[index - 1] ?? ""));
  return end < 0 ? words : words.slice(0, end);
}
