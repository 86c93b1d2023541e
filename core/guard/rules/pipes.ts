import { isForeignSource } from "../shell/output.ts";
import { interpreters, scriptOf, shells } from "../shell/perform.ts";
import { foreignMark, hasFlag, operands, type SimpleCommand, textOf, unknownMark } from "../shell/simple-command.ts";
import { rule, type Rule } from "./rule.ts";

const loaders = /^(?:curl|wget|http|https|aria2c|fetch|lynx|ftp)$/;
const sockets = /^(?:nc|ncat|netcat|socat)$/;
const decoders = /^(?:base64|base32|xxd|openssl|uudecode|gunzip|zcat|gzip|bunzip2|xzcat)$/;
const shifters = /^(?:tr|rev|sed|awk|cut|tac)$/;

const isShell = (command: SimpleCommand): boolean => shells.has(command.name);
const readsInput = (command: SimpleCommand): boolean =>
  (isShell(command) && !hasFlag(command, "c") && (scriptOf(command) === undefined || hasFlag(command, "s"))) ||
  (interpreters.test(command.name) &&
    !command.arguments.some((word) => /^-(?:c|e|m|p|r|-eval)$|^-[a-z]*e$/.test(word)) &&
    operands(command).every((word) => word === "-"));
const isFed = (command: SimpleCommand, by: RegExp): boolean => command.feeders.some((name) => by.test(name));
const runsText = (command: SimpleCommand): boolean =>
  /^(?:eval|source|\.|trap)$/.test(command.name) || (hasFlag(command, "c") && isShell(command));
const isForeign = (command: SimpleCommand): boolean => command.arguments.some((word) => word.includes(foreignMark));

export const pipes: readonly Rule[] = [
  rule(
    "pipe.network",
    "It runs what it loads from the network.",
    (command) => readsInput(command) && isFed(command, loaders),
  ),
  rule("pipe.socket", "It runs what somebody sends.", (command) => readsInput(command) && isFed(command, sockets)),
  rule(
    "pipe.decoded",
    "It runs text that is written in a code.",
    (command) => readsInput(command) && isFed(command, decoders),
  ),
  rule(
    "pipe.shifted",
    "It runs text that is turned into a command first.",
    (command) => readsInput(command) && isFed(command, shifters),
  ),
  rule(
    "pipe.unknown",
    "It runs text that cannot be read here.",
    (command) =>
      readsInput(command) &&
      isShell(command) &&
      (command.input ?? "").includes(unknownMark) &&
      !command.feeders.every((name) => name === "cat"),
  ),
  rule(
    "pipe.substitution",
    "It runs text that is loaded or decoded.",
    (command) =>
      (runsText(command) || isShell(command)) &&
      (isForeign(command) || (runsText(command) && command.feeders.some(isForeignSource))),
  ),
  rule(
    "pipe.program",
    "It runs a program that is loaded or decoded.",
    (command) => interpreters.test(command.name) && isForeign(command),
  ),
  rule("pipe.name", "The name of the program is loaded or decoded.", (command) => command.name.includes(foreignMark)),
  rule("pipe.fresh", "It runs a file that was made executable just now.", (command) => command.isFresh),
  rule(
    "pipe.reverse-shell",
    "It hands a shell to another machine.",
    (command) =>
      command.redirects.some(({ target }) => /^\/dev\/(?:tcp|udp)\//.test(target)) ||
      (sockets.test(command.name) && (hasFlag(command, "ec", "exec", "sh-exec") || /exec:/i.test(textOf(command)))),
  ),
  rule(
    "pipe.here-document",
    "It hands lines to a shell that deletes.",
    (command) => command.name === "rm" && command.feeders.some((name) => shells.has(name)),
  ),
  rule("pipe.library", "It replaces code of every program it starts.", (command) =>
    command.assignments.some((word) =>
      /^(?:LD_PRELOAD|LD_LIBRARY_PATH|DYLD_INSERT_LIBRARIES|PROMPT_COMMAND|BASH_ENV)=/.test(word),
    ),
  ),
];
