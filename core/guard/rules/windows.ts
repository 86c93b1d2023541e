import { type SimpleCommand, textOf } from "../shell/simple-command.ts";
import { rule, type Rule } from "./rule.ts";

const line = (id: string, reason: string, pattern: RegExp): Rule =>
  rule(id, reason, (command: SimpleCommand) => pattern.test(textOf(command).slice(0, 20_000)));

/** Programs and cmdlets of Windows, whose names know no case. */
export const windows: readonly Rule[] = [
  line("windows.remove-item", "It deletes folders with everything in them.", /^(?:remove-item|ri)\s.*-r/i),
  line("windows.del", "It deletes files without asking.", /^(?:del|erase)\s.*\/[fsq]/i),
  line("windows.rmdir", "It deletes folders with everything in them.", /^(?:rd|rmdir)\s.*\/s/i),
  line(
    "windows.format",
    "It formats a disk.",
    /^(?:format\s+[a-z]:|format-volume|clear-disk|initialize-disk|diskpart|remove-partition)/i,
  ),
  line("windows.stop-computer", "It stops or restarts the machine.", /^(?:stop-computer|restart-computer)\b/i),
  line("windows.encoded", "It runs a command in a code.", /^(?:powershell|pwsh)\s.*-e(?:nc|ncodedcommand|c)?\s/i),
  line("windows.invoke", "It runs text as a command.", /^(?:invoke-expression|iex)\b|\|\s*iex\b|downloadstring\(/i),
  line(
    "windows.registry",
    "It changes the registry.",
    /^(?:reg\s+(?:delete|add|import)|remove-itemproperty|set-itemproperty\s.*hk)/i,
  ),
  line(
    "windows.policy",
    "It lets unsigned scripts run.",
    /^set-executionpolicy|-executionpolicy\s+(?:bypass|unrestricted)/i,
  ),
  line(
    "windows.shadow-copies",
    "It deletes backups or what a machine starts from.",
    /^(?:vssadmin\s+delete|wbadmin\s+delete|bcdedit\s|wmic\s+shadowcopy)/i,
  ),
  line(
    "windows.service",
    "It stops services or programs.",
    /^(?:stop-service|set-service|sc\s+(?:stop|delete|config)|net\s+stop|taskkill\s.*\/f|stop-process)\b/i,
  ),
  line(
    "windows.rights",
    "It changes who may use files or the machine.",
    /^(?:icacls\s.*\/grant|takeown\s|net\s+(?:user|localgroup)\s.*\/add)/i,
  ),
];
