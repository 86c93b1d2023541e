import { interpreters, shells } from "../shell/perform.ts";
import { globMatches } from "../shell/expand.ts";
import { type SimpleCommand, unknownMark } from "../shell/simple-command.ts";
import { rule, type Rule } from "./rule.ts";
import { writesTo } from "./writes.ts";

/** What another name must not hide: programs whose effect follows from arguments that come later. */
const telling =
  /^(?:rm|dd|chmod|chown|kill|pkill|killall|sudo|doas|su|eval|env|xargs|find|curl|wget|http|https|ssh|scp|rsync|nc|ncat|mail|sendmail|gh|aws|gcloud|az)$/;

function renames(command: SimpleCommand): boolean {
  if (command.name !== "alias") return false;
  return command.arguments.some((word) => {
    const [, name, body = ""] = /^([^=]+)=\s*([\s\S]*)$/.exec(word) ?? [];
    const program = body.split(/[\s;|&]/)[0]?.replace(/^.*\//, "") ?? "";
    return name !== program && (telling.test(program) || shells.has(program) || interpreters.test(program));
  });
}

/** A wildcard may stand for it. */
const isOurs = (path: string): boolean =>
  path.split("/").some((part) => part === ".talaria" || (/^\..*[*?[]/.test(part) && globMatches(part, ".talaria")));

/** Ways around all other rules: what runs is known only to the running shell, or was left there by an earlier command. */
export const unknown: readonly Rule[] = [
  rule(
    "unknown.program",
    "What it runs comes from a variable or a text that cannot be read here.",
    (command) => command.isUnknown === true || command.name.includes(unknownMark) || command.path === "~",
  ),
  rule("unknown.alias", "It gives a program another name, under which its effects would not be seen.", renames),
  rule("unknown.session", "It changes what later commands find in their shell.", writesTo(isOurs)),
];
