import { hasFlag, operands, optionValue, textOf } from "../shell/simple-command.ts";
import { isSystemConfig, resolvePath } from "./paths.ts";
import { rule, type Rule } from "./rule.ts";

export const deletion: readonly Rule[] = [
  rule(
    "delete.recursive",
    "It deletes folders with everything in them.",
    (command) => command.name === "rm" && hasFlag(command, "rR", "recursive"),
  ),
  rule(
    "delete.system-file",
    "It deletes a file of the system.",
    (command) =>
      /^(?:rm|unlink|shred)$/.test(command.name) &&
      operands(command).some((path) => isSystemConfig(resolvePath(path, command.folder))),
  ),
  rule(
    "delete.wildcard",
    "It deletes everything that a folder holds.",
    (command) => command.name === "rm" && operands(command).some((path) => /^(?:\.\/)?\*$|\/\*$/.test(path)),
  ),
  rule(
    "delete.find",
    "It deletes every file that it finds.",
    (command) => /^(?:find|fd)$/.test(command.name) && command.arguments.includes("-delete"),
  ),
  rule(
    "delete.find-exec",
    "It deletes every file that it finds.",
    (command) => command.via === "find" && /^(?:rm|shred|unlink|rmdir|srm)$/.test(command.name),
  ),
  rule(
    "delete.xargs",
    "It deletes what another program lists.",
    (command) => command.via === "xargs" && /^(?:rm|shred|unlink|rmdir|srm)$/.test(command.name),
  ),
  rule(
    "delete.shred",
    "It destroys files beyond recovery.",
    (command) => /^(?:shred|srm|wipe|scrub)$/.test(command.name) && operands(command).length > 0,
  ),
  rule(
    "delete.truncate",
    "It empties a file.",
    (command) =>
      command.name === "truncate" &&
      (optionValue(command, "-s", "--size") ?? (/-s0/.test(textOf(command)) ? "0" : "")).startsWith("0"),
  ),
  rule(
    "delete.rsync",
    "It deletes what the source does not have.",
    (command) =>
      command.name === "rsync" &&
      command.arguments.some((word) => /^--(?:delete|remove-source)/.test(word)) &&
      !hasFlag(command, "n", "dry-run"),
  ),
  rule("delete.rimraf", "It deletes folders with everything in them.", (command) =>
    /^(?:rimraf|del-cli|trash-empty)$/.test(command.name),
  ),
  rule(
    "delete.move-away",
    "It moves files to where nothing is kept.",
    (command) => command.name === "mv" && operands(command).at(-1) === "/dev/null",
  ),
];
