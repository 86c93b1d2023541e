import { hasFlag, operands, type SimpleCommand, textOf, writtenByRedirect } from "../shell/simple-command.ts";
import { isCredentials, isEnvironmentFile, isShellStartup, isSshFile, isSystemConfig, resolvePath } from "./paths.ts";
import { rule, type Rule } from "./rule.ts";

const files = new WeakMap<SimpleCommand, string[]>();

/** The files that a command writes, as far as its arguments say; many rules ask for them. */
function written(command: SimpleCommand): string[] {
  const known = files.get(command);
  if (known !== undefined) return known;
  const paths = writtenPaths(command).map((path) => resolvePath(path, command.folder));
  files.set(command, paths);
  return paths;
}

function writtenPaths(command: SimpleCommand): string[] {
  const paths = writtenByRedirect(command);
  const words = operands(command);
  if (command.name === "tee" || command.name === "touch" || command.name === "truncate") paths.push(...words);
  else if (/^(?:cp|mv|install|ln|rsync|scp)$/.test(command.name)) paths.push(...words.slice(-1));
  else if (/^(?:sed|perl|gsed)$/.test(command.name) && hasFlag(command, "i", "in-place")) paths.push(...words);
  else if (/^(?:vi|vim|nano|emacs|ed|ex|patch|chattr)$/.test(command.name)) paths.push(...words);
  else if (command.name === "curl" || command.name === "wget") paths.push(...downloaded(command));
  else if (command.name === "dd")
    paths.push(...command.arguments.filter((word) => word.startsWith("of=")).map((word) => word.slice(3)));
  return paths;
}

const downloaded = (command: SimpleCommand): string[] =>
  command.arguments.filter((_, index) =>
    /^(?:-[a-zA-Z]*[oO]|--output|--output-document)$/.test(command.arguments[index - 1] ?? ""),
  );

export const writesTo = (isGuarded: (path: string) => boolean) => (command: SimpleCommand) =>
  written(command).some(isGuarded);
const isIn = (pattern: RegExp) => (path: string) => pattern.test(path);

export const writing: readonly Rule[] = [
  rule("write.system", "It writes into a folder of the system.", writesTo(isSystemConfig)),
  rule(
    "write.sudoers",
    "It changes who may act as root.",
    (command) => writesTo(isIn(/^\/etc\/sudoers/))(command) || command.name === "visudo",
  ),
  rule("write.ssh", "It changes keys or settings of SSH.", writesTo(isSshFile)),
  rule("write.shell-startup", "It changes what every new shell runs.", writesTo(isShellStartup)),
  rule("write.credentials", "It changes stored credentials.", writesTo(isCredentials)),
  rule("write.environment", "It changes a file of secrets and settings.", writesTo(isEnvironmentFile)),
  rule(
    "write.autostart",
    "It makes a program start by itself.",
    writesTo(
      isIn(/\/(?:LaunchAgents|LaunchDaemons|\.config\/(?:autostart|systemd)|init\.d|cron\.[a-z]+)\/|\.git\/hooks\//),
    ),
  ),
  rule(
    "write.instructions",
    "It changes what the agent is told.",
    writesTo(isIn(/(?:^|\/)(?:SOUL|AGENTS|CLAUDE)\.md$/)),
  ),
  rule(
    "write.crontab",
    "It changes what runs at fixed times.",
    (command) => command.name === "crontab" && !hasFlag(command, "l") && !command.arguments.includes("--help"),
  ),
  rule("write.user", "It changes the accounts of the machine.", (command) =>
    /^(?:useradd|adduser|userdel|deluser|usermod|groupadd|groupdel|groupmod|gpasswd|chpasswd|chsh|vipw|dscl)$/.test(
      command.name,
    ),
  ),
  rule(
    "write.password",
    "It changes a password.",
    (command) => command.name === "passwd" && !hasFlag(command, "S", "status"),
  ),
  rule(
    "write.kernel",
    "It changes the running kernel.",
    (command) =>
      /^(?:insmod|rmmod|modprobe|kexec)$/.test(command.name) ||
      (command.name === "sysctl" && (hasFlag(command, "w", "write") || /=/.test(textOf(command)))),
  ),
];
