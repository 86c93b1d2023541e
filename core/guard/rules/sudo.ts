import { hasFlag } from "../shell/simple-command.ts";
import { rule, type Rule } from "./rule.ts";

/** Passwords for sudo are the person's to type: refused in every mode. */
export const sudo: readonly Rule[] = [
  rule(
    "sudo.password-from-input",
    "It hands sudo a password.",
    (command) =>
      command.name === "sudo" &&
      hasFlag(command, "S", "stdin") &&
      (command.feeders.length > 0 || command.input !== undefined),
  ),
  rule(
    "sudo.password-program",
    "It lets a program answer the question for the password.",
    (command) =>
      command.name === "sudo" &&
      (hasFlag(command, "A", "askpass") || command.assignments.some((word) => word.startsWith("SUDO_ASKPASS="))),
  ),
];
