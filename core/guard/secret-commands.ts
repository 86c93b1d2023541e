import { isMasked, isReference } from "./secret-values.ts";
import type { Finder, Span } from "./span.ts";

/** How a command takes a password in an option whose name does not say so. */
interface PasswordOption {
  command: RegExp;
  /** Its group is the value; when that is empty, the value is the next word. */
  option: RegExp;
  /** The value has a user's name in front of the password. */
  hasUser?: boolean;
  /** The value never is the next word. */
  isAttached?: boolean;
  /** A word that has to come before: in other uses of the command the option means something else. */
  after?: string;
}

const passwordOptions: readonly PasswordOption[] = [
  { command: /^(?:mysql|mariadb)/, option: /^-p(.+)$/s, isAttached: true },
  { command: /^7z/, option: /^-p(.+)$/s, isAttached: true },
  { command: /^(?:sshpass|mongo)/, option: /^-p(.*)$/s },
  { command: /^curl/, option: /^(?:-[sSkfLvigGINX#]{0,8}[uU]|--(?:proxy-)?user(?![\w-])=?)(.*)$/s, hasUser: true },
  { command: /^http/, option: /^(?:-a|--auth=?)(.*)$/s, hasUser: true },
  { command: /^redis-cli/, option: /^-a(.*)$/s },
  { command: /^(?:docker|podman|nerdctl|helm|skopeo)/, option: /^-p=?(.*)$/s, after: "login" },
  { command: /^ldap/, option: /^-w(.*)$/s },
  { command: /zip$/, option: /^-P(.*)$/s },
];

const command =
  /(?<=(?:^|[\s;|&("'`])(?:[\w./-]{0,80}\/)?)(?:mysql(?:dump|admin|import|show|check)?|mariadb(?:-[a-z]{1,10})?|7za?|sshpass|mongo(?:sh|dump|restore)?|curl|https?|redis-cli|docker|podman|nerdctl|helm|skopeo|ldap[a-z]{3,10}|(?:un)?zip)(?=[ \t])/g;
/** Up to what ends a simple command: an operator, the end of the line, a quotation mark around all of it. */
const word =
  /(?:[ \t]|\\\r?\n){1,200}((?:[^\s"'\\;|&()<>`]|\\[^\r\n]|"[^"\r\n]{0,1000}"|'[^'\r\n]{0,1000}'|\$\([^()\r\n]{0,200}\))+)/y;

/** A word may hold further commands between quotation marks; without a limit each could read to the end of the text. */
const mostWithinWord = 8;

/** `mysql -pX`, `sshpass -p X`, `curl -u user:X`. A command reads up to where the next one begins. */
export const commandPasswords: Finder = (text) => {
  const found = Array.from(text.matchAll(command));
  return found.flatMap((match, at) => {
    const option = passwordOptions.find((each) => each.command.test(match[0]));
    const end = found[at + 1]?.index ?? text.length;
    const readable = text.slice(0, found[at + mostWithinWord]?.index);
    return option ? passwordsAfter(readable, { option, from: match.index + match[0].length, end }) : [];
  });
};

interface Rest {
  option: PasswordOption;
  from: number;
  end: number;
}

function passwordsAfter(text: string, { option, from, end }: Rest): Span[] {
  const spans: Span[] = [];
  let isNext = false;
  let isReady = option.after === undefined;
  word.lastIndex = from;
  for (let match = word.exec(text); match && match.index < end; match = word.exec(text)) {
    const [, argument = ""] = match;
    const value: string | undefined = isNext ? argument : isReady ? option.option.exec(argument)?.[1] : undefined;
    isNext = value === "" && !option.isAttached;
    isReady ||= argument === option.after;
    const span = value ? passwordIn(value, word.lastIndex - value.length, option) : undefined;
    if (span) spans.push(span);
  }
  return spans;
}

/** Without the quotation marks, which may themselves be escaped, and without the user's name. */
function passwordIn(value: string, start: number, { hasUser = false }: PasswordOption): Span | undefined {
  const opening = /^\\?["']/.exec(value)?.[0] ?? "";
  const closing = opening !== "" && value.endsWith(opening) && value.length > opening.length ? opening.length : 0;
  const bare = value.slice(opening.length, value.length - closing);
  const user = hasUser ? /^[^\s:]{0,200}:/.exec(bare)?.[0] : "";
  if (user === undefined) return undefined;
  const password = bare.slice(user.length);
  if (password === "" || password.startsWith("-") || isMasked(password) || isReference(password)) return undefined;
  const from = start + opening.length + user.length;
  return { start: from, end: from + password.length };
}
