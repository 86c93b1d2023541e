import { hasFlag, operands, type SimpleCommand } from "../shell/simple-command.ts";
import { isRoot, isSystemConfig, isSystemFolder, resolvePath } from "./paths.ts";
import { rule, type Rule } from "./rule.ts";

const mode = (command: SimpleCommand): string =>
  command.arguments.find(
    (word) => /^(?:[0-7]{3,4}|[ugoa]*[-+=][rwxXstugo,=+-]*)$/.test(word) && !/^-[RvcfhHLP]+$/.test(word),
  ) ?? "";
const isChmod = (command: SimpleCommand): boolean => command.name === "chmod";
const isOfSystem = (command: SimpleCommand): boolean =>
  operands(command)
    .map((path) => resolvePath(path, command.folder))
    .some((path) => isRoot(path) || isSystemFolder(path) || isSystemConfig(path));

export const permissions: readonly Rule[] = [
  rule(
    "permission.everybody",
    "It lets everybody change the file.",
    (command) =>
      isChmod(command) &&
      (/^0?\d\d[2367]$/.test(mode(command)) || /(?:^|,)[ug]*[oa]+[ugoa]*[+=][rxXst]*w|^\+[rxX]*w/.test(mode(command))),
  ),
  rule(
    "permission.set-id",
    "It lets the program run with the rights of its owner.",
    (command) => isChmod(command) && (/^[2-7]\d{3}$/.test(mode(command)) || /[+=][rwx]*s/.test(mode(command))),
  ),
  rule(
    "permission.system",
    "It changes who may use files of the system.",
    (command) => /^(?:chmod|chown|chgrp)$/.test(command.name) && isOfSystem(command),
  ),
  rule(
    "permission.recursive",
    "It changes the rights of everything in a folder.",
    (command) =>
      isChmod(command) && hasFlag(command, "R", "recursive") && /^0?[0-7]*7\d\d$|^-[rwx]+$/.test(mode(command)),
  ),
  rule(
    "permission.owner-recursive",
    "It changes the owner of everything in a folder.",
    (command) => /^ch(?:own|grp)$/.test(command.name) && hasFlag(command, "R", "recursive"),
  ),
  rule(
    "permission.owner-root",
    "It hands files to root.",
    (command) => command.name === "chown" && /^root(?::|$)/.test(operands(command)[0] ?? ""),
  ),
  rule(
    "permission.acl",
    "It changes who may use files.",
    (command) => command.name === "setfacl" && !command.arguments.includes("--test"),
  ),
  rule("permission.capability", "It gives a program rights of the system.", (command) => command.name === "setcap"),
  rule(
    "permission.attributes",
    "It changes the protection of files.",
    (command) => command.name === "chattr" || (command.name === "chflags" && operands(command).length > 1),
  ),
  rule(
    "permission.umask",
    "It makes new files open to everybody.",
    (command) => command.name === "umask" && /^0{1,4}$/.test(operands(command)[0] ?? ""),
  ),
  rule(
    "permission.quarantine",
    "It takes the mark of a downloaded program away.",
    (command) => (command.name === "xattr" && hasFlag(command, "dc")) || command.name === "spctl",
  ),
];
