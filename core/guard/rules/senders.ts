import { foreignMark, hasFlag, operands, type SimpleCommand, textOf, unknownMark } from "../shell/simple-command.ts";
import { asksForHelp, named } from "./rule.ts";

const programs = /^(?:i?python[\d.]*|pypy3?|node|tsx|ruby|perl|php|deno|bun)$/;
/** All of a line have to be found. */
const sendingCode: readonly (readonly RegExp[])[] = [
  [/\b(?:requests|httpx|axios|got|session|client|http|ua)(?:\.|->)(?:post|put|patch|delete)\(/i],
  [/method['"]?\s{0,9}[:=]\s{0,9}['"](?:POST|PUT|PATCH|DELETE)|\brequest\(\s{0,9}['"](?:POST|PUT|PATCH|DELETE)/i],
  [/smtplib|sendmail\(|nodemailer|boto3|Net::HTTP\.post|Net::SMTP|CURLOPT_POST|\.storbinary\(/i],
  [/urllib|urlopen/, /\bdata\s{0,9}=|urlopen\([^,()]{0,200},\s{0,9}(?!\s|timeout|context|cafile)/],
  [/\bsocket\b|telnetlib|\bnet\.connect|websocket/i, /\.(?:send|sendall|sendto|write)\(/],
  [
    /aiohttp|urllib3|undici|superagent|HTTParty|Faraday/,
    /\.(?:post|put|patch|delete)\(|['"](?:POST|PUT|PATCH|DELETE)['"]/,
  ],
];

export function programSends(command: SimpleCommand): boolean {
  if (!programs.test(command.name)) return false;
  const code = `${textOf(command)} ${command.input ?? ""}`.slice(0, 20_000);
  return sendingCode.some((all) => all.every((pattern) => pattern.test(code)));
}

const local = /^(?:localhost|127\.|\[?::1|0\.0\.0\.0)|[:,]?(?:localhost|127\.0\.0\.1)[:,]/i;
const isFed = ({ redirects, input, feeders }: SimpleCommand): boolean =>
  redirects.some(({ operator, target }) => operator === "<" && target !== "/dev/null") ||
  (input === undefined ? feeders.length > 0 : input.trim() !== "");

/** What reads from its input and writes to a machine, and a shell's own files for that. Looking at a port sends nothing. */
export function sendsThroughSocket(command: SimpleCommand): boolean {
  const devices = command.redirects.filter(({ operator }) => operator.includes(">")).map(({ target }) => target);
  if (devices.some((target) => /^\/dev\/(?:tcp|udp)\/(?!localhost|127\.)/.test(target))) return true;
  const isSocket =
    named(command, "nc", "ncat", "netcat", "socat", "telnet") ||
    (named(command, "openssl") && operands(command)[0] === "s_client");
  if (!isSocket || operands(command).some((word) => local.test(word))) return false;
  const isShell = command.name !== "openssl" && hasFlag(command, "e", "exec", "sh-exec");
  return isShell || (isFed(command) && (command.name === "openssl" || !hasFlag(command, "z")));
}

/** Programs that read files, the environment or secrets; filters do when nothing stands in front of them. */
const readers =
  /^(?:cat|tac|nl|od|xxd|hexdump|strings|base64|base32|env|printenv|gpg|openssl|tar|gzip|zip|paste|pass|security|secret-tool|history|ps|find)$/;
const filters = /^(?:head|tail|sed|awk|grep|cut|tr|sort|rev)$/;

export function tellsInAddress(command: SimpleCommand): boolean {
  const { feeders } = command;
  if (!feeders.some((name) => readers.test(name)) && !filters.test(feeders[0] ?? "")) return false;
  const hasUnread = (word: string) => word.includes(unknownMark) || word.includes(foreignMark);
  if (named(command, "dig", "nslookup", "host", "ping", "drill"))
    return operands(command).some((word) => word.includes(".") && hasUnread(word));
  return (
    named(command, "curl", "wget", "http", "https", "xh", "aria2c", "lynx", "fetch") &&
    operands(command).some((word) => /^(?:\w+:\/\/)?[^/?#\s]+[/?#.]/.test(word) && hasUnread(word))
  );
}

const runsScripts = /^(?:npm|pnpm|yarn|bun|deno|make|gmake|just|task|rake|mage|invoke|grunt|gulp|nx|turbo)$/;
/** Not `deploy:check`; and of make's targets a release is as often a way to compile. */
const deployment =
  /^(?:(?!test|check|build|dry|pre|lint)[\w-]+:)?(?:deploy|publish|release)(?:[:_-](?!check|test|dry|local|preview|plan|build|notes)[\w:.-]+)?$/;

export function runsDeployment(command: SimpleCommand): boolean {
  if (!runsScripts.test(command.name) || asksForHelp(command) || hasFlag(command, "", "dry-run")) return false;
  if (command.arguments.includes("--dry-run")) return false;
  const isMake = command.name.endsWith("make");
  if (isMake && hasFlag(command, "n")) return false;
  const words = operands(command).filter((word) => !/^(?:run|run-script|task)$/.test(word));
  const isRun = command.name !== "npm" || (operands(command)[0] ?? "").startsWith("run");
  const targets = isMake ? words : words.slice(0, 1);
  return isRun && targets.some((word) => deployment.test(word) && !(isMake && word.startsWith("release")));
}
