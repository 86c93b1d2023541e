import { hasFlag, operands, type SimpleCommand, textOf } from "../shell/simple-command.ts";
import { rule, type Rule } from "./rule.ts";

const verb = (command: SimpleCommand): string => operands(command)[0] ?? "";

export const services: readonly Rule[] = [
  rule(
    "service.systemctl",
    "It stops or changes a service.",
    (command) =>
      command.name === "systemctl" &&
      /^(?:stop|restart|disable|mask|kill|isolate|revert|set-default|daemon-reexec)$/.test(verb(command)),
  ),
  rule(
    "service.service",
    "It stops or changes a service.",
    (command) =>
      (command.name === "service" && /^(?:stop|restart)$/.test(operands(command)[1] ?? "")) ||
      (/^(?:rc-service|rc-update|update-rc\.d|chkconfig|sv|s6-svc)$/.test(command.name) &&
        /\b(?:stop|restart|del|remove|disable|off|down|exit)\b|-d/.test(textOf(command))),
  ),
  rule(
    "service.launchctl",
    "It stops or changes a service.",
    (command) =>
      command.name === "launchctl" && /^(?:unload|bootout|remove|stop|kill|disable|kickstart)$/.test(verb(command)),
  ),
  rule(
    "service.brew",
    "It stops a service.",
    (command) =>
      (command.name === "brew" && /^services (?:stop|kill|restart)/.test(operands(command).join(" "))) ||
      (command.name === "pm2" && /^(?:stop|delete|kill|restart)$/.test(verb(command))),
  ),
  rule(
    "service.firewall",
    "It opens or changes the firewall.",
    (command) =>
      (/^ip6?tables$/.test(command.name) && !/^-[a-zA-Z]*[LS]/.test(command.arguments[0] ?? "")) ||
      (command.name === "ufw" && !/^(?:status|show|)$/.test(verb(command))) ||
      (command.name === "nft" && /^(?:flush|delete|add)$/.test(verb(command))) ||
      (command.name === "firewall-cmd" && !/--(?:list|get|state|query)/.test(textOf(command))),
  ),
  rule(
    "service.protection",
    "It turns a protection off.",
    (command) =>
      (command.name === "setenforce" && /^(?:0|permissive)$/i.test(verb(command))) ||
      /^(?:aa-disable|aa-teardown|csrutil|auditctl)$/.test(command.name),
  ),
  rule(
    "service.agent",
    "It stops the agent itself.",
    (command) =>
      /^(?:talaria|hermes)$/.test(command.name) && /\b(?:stop|restart|uninstall|remove|reset)\b/.test(textOf(command)),
  ),
  rule(
    "service.network",
    "It cuts the machine off its network.",
    (command) =>
      (command.name === "ip" && /\blink\b.*\bdown\b|\b(?:route|addr)\b.*\b(?:del|flush)\b/.test(textOf(command))) ||
      (command.name === "ifconfig" && /\sdown$/.test(textOf(command))) ||
      command.name === "ifdown" ||
      (command.name === "nmcli" && /\boff\b|\bdown\b/.test(textOf(command))),
  ),
  rule(
    "service.packages",
    "It removes packages of the system.",
    (command) =>
      /^(?:apt|apt-get|aptitude|dnf|yum|zypper|pacman|apk|dpkg|rpm|snap|brew)$/.test(command.name) &&
      (/^(?:remove|purge|autoremove|erase|del|dist-upgrade|uninstall)$/.test(verb(command)) ||
        hasFlag(command, "", "purge", "erase") ||
        (command.name === "pacman" && hasFlag(command, "R")) ||
        (command.name === "dpkg" && hasFlag(command, "rP"))),
  ),
  rule(
    "service.unsafe-install",
    "It installs with scripts that run as root.",
    (command) =>
      /^(?:npm|pnpm|yarn|pip3?)$/.test(command.name) &&
      /--unsafe-perm|--break-system-packages|--trusted-host/.test(textOf(command)),
  ),
];
