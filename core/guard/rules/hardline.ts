import { hasFlag, operands, type SimpleCommand, textOf, writtenByRedirect } from "../shell/simple-command.ts";
import { isDisk, isHome, isRoot, isSystemFolder, resolvePath } from "./paths.ts";
import { asksForHelp, rule, type Rule } from "./rule.ts";

const targets = (command: SimpleCommand): string[] =>
  operands(command).map((path) => resolvePath(path, command.folder));

/** Of a relative path nothing is known unless a `cd` stood in front of it. */
const deletes = (command: SimpleCommand, isWorst: (path: string) => boolean): boolean =>
  /^(?:rm|srm|rimraf|trash)$/.test(command.name) &&
  (hasFlag(command, "rR", "recursive", "no-preserve-root") || command.name !== "rm") &&
  targets(command).some(isWorst);

/** `find / -delete`, also through another program. */
const findsAndDeletes = (command: SimpleCommand): boolean => {
  const isWorst = (path: string) => isRoot(path) || isSystemFolder(path) || isHome(path);
  const start = resolvePath(operands(command)[0] ?? ".", command.folder);
  if (command.name === "find" && isWorst(start)) {
    const hasNoLimit = !command.arguments.some((word) =>
      /^-(?:i?name|i?path|i?regex|user|mtime|size|empty|newer)$/.test(word),
    );
    const isAll = hasNoLimit || command.arguments.includes("*");
    return (
      isAll &&
      /\s-(?:delete|(?:exec|execdir|ok)\s+(?:sudo\s+)?(?:\S*\/)?(?:rm|shred|unlink))(?:\s|$)/.test(textOf(command))
    );
  }
  return false;
};

const writesToDisk = (command: SimpleCommand): boolean => {
  if (writtenByRedirect(command).some(isDisk)) return true;
  if (command.name === "tee") return operands(command).some(isDisk);
  return /^(?:cp|mv|install|ddrescue|pv)$/.test(command.name) && isDisk(operands(command).at(-1) ?? "");
};

const stops = (command: SimpleCommand, names: string): boolean =>
  new RegExp(`^(?:${names})$`).test(command.name) && !asksForHelp(command) && !hasFlag(command, "c", "show");

const managers = /^(?:systemctl|loginctl)$/;
const stopVerbs = /^(?:poweroff|reboot|halt|kexec|soft-reboot|rescue|emergency)$/;

/** What the manager of the system is told, by its own program, over its bus or in the kernel's file for it. */
const tellsToStop = (command: SimpleCommand): boolean =>
  (managers.test(command.name) && stopVerbs.test(operands(command)[0] ?? "")) ||
  (/^(?:busctl|dbus-send|gdbus)$/.test(command.name) &&
    /login1\.Manager[. ](?:PowerOff|Reboot|Halt|KExec)/.test(textOf(command))) ||
  (command.name === "kexec" && hasFlag(command, "e", "exec")) ||
  [...writtenByRedirect(command), ...(command.name === "tee" ? operands(command) : [])].includes("/proc/sysrq-trigger");

/** Refused whoever asks, in every mode. Twelve rules; the fork bomb is found in the text (judge.ts). */
export const hardline: readonly Rule[] = [
  rule("hardline.delete-root", "It deletes the whole file system.", (command) => deletes(command, isRoot)),
  rule("hardline.delete-system", "It deletes folders the system lives in.", (command) =>
    deletes(command, isSystemFolder),
  ),
  rule("hardline.delete-home", "It deletes a whole home folder.", (command) => deletes(command, isHome)),
  rule("hardline.find-delete", "It finds and deletes everything of the system or of a home folder.", (command) =>
    findsAndDeletes(command),
  ),
  rule(
    "hardline.format",
    "It formats a disk.",
    (command) => /^(?:mkfs(?:\..+)?|mke2fs|newfs|mkswap)$/.test(command.name) && operands(command).some(isDisk),
  ),
  rule(
    "hardline.dd",
    "It overwrites a disk.",
    (command) =>
      /^d(?:d|cfldd|c3dd)$/.test(command.name) &&
      command.arguments.some((word) => word.startsWith("of=") && isDisk(word.slice(3))),
  ),
  rule("hardline.write-disk", "It writes onto a raw disk.", writesToDisk),
  rule(
    "hardline.erase-disk",
    "It erases a disk.",
    (command) =>
      (/^(?:shred|wipefs|blkdiscard|badblocks|hdparm|sgdisk|wipe|scrub)$/.test(command.name) &&
        operands(command).some(isDisk) &&
        !/^(?:wipefs|sgdisk|hdparm)$/.test(command.name)) ||
      (/^(?:wipefs|sgdisk)$/.test(command.name) &&
        hasFlag(command, "aZ", "all", "zap-all") &&
        operands(command).some(isDisk)),
  ),
  rule("hardline.fork-bomb", "It starts copies of itself until nothing else runs.", () => false),
  rule(
    "hardline.kill-all",
    "It ends every process.",
    (command) => command.name === "kill" && killsAll(command.arguments),
  ),
  rule(
    "hardline.shutdown",
    "It stops or restarts the machine.",
    (command) => stops(command, "shutdown|reboot|poweroff|halt|openrc-shutdown") || tellsToStop(command),
  ),
  rule(
    "hardline.init",
    "It stops or restarts the machine by its run level.",
    (command) => /^(?:init|telinit)$/.test(command.name) && /^[0156sS]$/.test(operands(command)[0] ?? ""),
  ),
];

/** `-1` after a signal, after `--` or as the last word is every process; as the first of several it is a signal. */
function killsAll(words: readonly string[]): boolean {
  const at = words.lastIndexOf("-1");
  if (at < 0) return false;
  return at > 0 || words.length === 1;
}

const definition = /(?:\bfunction\s+([\w:.-]{1,40})\s*(?:\(\s*\))?|(?<![\w:.])([\w:.]{1,40})\s*\(\s*\))\s*[{(]/g;
/** Of a function's body: a bomb is short. */
const longestBody = 400;

/** `:(){ :|:& };:` under any name: a function that feeds itself, or starts itself twice and does not wait. */
export function isForkBomb(text: string): boolean {
  if (/%0\|%0|\$0["']?\s{0,3}\|&?\s{0,3}["']?(?:\.\/)?\$0["']?\s{0,3}&/.test(text)) return true;
  return Array.from(text.matchAll(definition)).some((match) => {
    const name = (match[1] ?? match[2] ?? "").replaceAll(".", "\\.");
    const from = match.index + match[0].length;
    const body = text.slice(from, from + longestBody);
    const feeds = new RegExp(`(?:^|[;&|({\\n])\\s*${name}\\s*\\|&?\\s*${name}\\s*[;&|)}\\n]`);
    const twice = new RegExp(`(?:^|[;&|({\\n])\\s*${name}\\s*&\\s*${name}\\s*&`);
    return feeds.test(body) || twice.test(body);
  });
}
