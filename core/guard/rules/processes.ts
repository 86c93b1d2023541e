import { hasFlag, operands, type SimpleCommand, textOf } from "../shell/simple-command.ts";
import { rule, type Rule } from "./rule.ts";

const finders = /^(?:pgrep|pidof|lsof|fuser|ps)$/;

const isKill = (command: SimpleCommand): boolean =>
  command.name === "kill" && !hasFlag(command, "lL", "list") && !command.arguments.includes("-0");

export const processes: readonly Rule[] = [
  rule(
    "process.pkill",
    "It ends every process that fits a name.",
    (command) =>
      /^(?:pkill|skill)$/.test(command.name) && operands(command).length > 0 && !command.arguments.includes("-0"),
  ),
  rule(
    "process.killall",
    "It ends every process of a name.",
    (command) => /^killall5?$/.test(command.name) && !hasFlag(command, "l", "list"),
  ),
  rule(
    "process.first",
    "It ends the first process, on which all others rest.",
    (command) => isKill(command) && operands(command).includes("1"),
  ),
  rule(
    "process.found",
    "It ends processes that another program finds.",
    (command) => isKill(command) && command.feeders.some((name) => finders.test(name)),
  ),
  rule(
    "process.xargs",
    "It ends processes that another program lists.",
    (command) => isKill(command) && command.via === "xargs",
  ),
  rule(
    "process.fuser",
    "It ends every process that uses a file or a port.",
    (command) =>
      (command.name === "fuser" && hasFlag(command, "k", "kill")) || /^(?:kill-port|fkill)$/.test(command.name),
  ),
  rule(
    "process.own",
    "It ends the agent itself.",
    (command) => isKill(command) && /\$PPID|talaria|hermes/.test(textOf(command)),
  ),
];
