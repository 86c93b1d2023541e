import { hasFlag, type SimpleCommand } from "../shell/simple-command.ts";
import { wrappedWords } from "../shell/wrappers.ts";
import { rule, type Rule } from "./rule.ts";

/** The words from the subcommand on: git's own options stand in front of it. */
const words = (command: SimpleCommand): string[] =>
  command.name === "git"
    ? wrappedWords(["git", ...command.arguments], { letters: "Cc", longNames: ["git-dir", "work-tree"] })
    : [];
const verb = (command: SimpleCommand): string => words(command).slice(0, 2).join(" ");
const isVerb = (command: SimpleCommand, pattern: RegExp): boolean => pattern.test(verb(command));

export const git: readonly Rule[] = [
  rule(
    "git.force-push",
    "It replaces the history that others have.",
    (command) =>
      isVerb(command, /^push\b/) &&
      (hasFlag(command, "f", "force", "mirror", "delete") ||
        words(command).some((word) => /^--force|^\+\S|^:\S/.test(word))),
  ),
  rule(
    "git.reset-hard",
    "It throws changes away.",
    (command) => isVerb(command, /^reset\b/) && hasFlag(command, "", "hard", "merge"),
  ),
  rule(
    "git.clean",
    "It deletes files that git does not know.",
    (command) => isVerb(command, /^clean\b/) && hasFlag(command, "f", "force") && !hasFlag(command, "n", "dry-run"),
  ),
  rule(
    "git.branch-delete",
    "It deletes a branch that may hold unmerged work.",
    (command) =>
      isVerb(command, /^branch\b/) && words(command).some((word) => /^-[a-zA-Z]*D/.test(word) || word === "--force"),
  ),
  rule(
    "git.rewrite",
    "It rewrites history.",
    (command) => isVerb(command, /^(?:filter-branch|filter-repo|replace)\b/) || command.name === "bfg",
  ),
  rule("git.reflog", "It deletes what lost work is found by.", (command) =>
    isVerb(command, /^reflog (?:expire|delete)/),
  ),
  rule(
    "git.discard",
    "It throws changes away.",
    (command) =>
      (isVerb(command, /^checkout\b/) &&
        (words(command).includes("--") || words(command).includes(".") || hasFlag(command, "f", "force"))) ||
      (isVerb(command, /^restore\b/) && !hasFlag(command, "S", "staged")),
  ),
  rule("git.stash", "It throws stashed changes away.", (command) => isVerb(command, /^stash (?:drop|clear)/)),
  rule(
    "git.prune",
    "It deletes objects for good.",
    (command) =>
      isVerb(command, /^(?:gc|prune)\b/) &&
      (isVerb(command, /^prune\b/) || words(command).some((word) => /^--prune=(?:now|all)|^--aggressive/.test(word))),
  ),
  rule(
    "git.update-ref",
    "It deletes a reference.",
    (command) => isVerb(command, /^(?:update-ref|symbolic-ref)\b/) && hasFlag(command, "d", "delete"),
  ),
];
