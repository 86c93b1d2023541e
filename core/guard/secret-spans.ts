import { declaredSecrets } from "./declared-secrets.ts";
import { isMasked, isReference, isSecretName, looksMixed, looksRandom } from "./secret-values.ts";
import { knownToken } from "./token-prefixes.ts";

/** A secret's place in a text. `isWhole`: nothing of it may stay, however long it is. */
export interface Span {
  start: number;
  end: number;
  isWhole?: boolean;
}

/** Every finder reads its text once: patterns are bounded, or start only where the one before ended. */
type Finder = (text: string) => Span[];

const ofGroup = (match: RegExpMatchArray, group: string): Span => {
  const start = match.index! + match[0].lastIndexOf(group);
  return { start, end: start + group.length };
};

const tokens: Finder = (text) =>
  Array.from(text.matchAll(knownToken), (match) => ({ start: match.index, end: match.index + match[0].length }));

const keyHeader = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const longestKey = 32_768;

/** Also a block whose end is missing: output is often cut. */
const privateKeys: Finder = (text) =>
  Array.from(text.matchAll(keyHeader)).flatMap((match) => {
    const from = match.index + match[0].length;
    const next = text.indexOf("-----", from);
    const upTo = text.slice(from, Math.min(next < 0 ? text.length : next, from + longestKey));
    const body = /^[A-Za-z0-9+/=\s\\:,.()-]*/.exec(upTo)?.[0] ?? "";
    const key = body.trim();
    if (key.length < 16) return [];
    const start = from + body.indexOf(key);
    return [{ start, end: start + key.length, isWhole: true }];
  });

const userInfo = /:\/\/([^\s/:@"'<>]{0,100})(?::([^\s/@"'<>]{1,200}))?@/g;

const urlPasswords: Finder = (text) =>
  Array.from(text.matchAll(userInfo)).flatMap((match) => {
    const [whole, user = "", password] = match;
    if (password !== undefined) {
      const end = match.index + whole.length - 1;
      return isReference(password) && password !== "password" ? [] : [{ start: end - password.length, end }];
    }
    return looksRandom(user, 20) ? [ofGroup(match, user)] : [];
  });

const authorization =
  /(?<![\w-])(?:authorization\\?["']?\s{0,3}[:=,]\s{0,3}\\?["'`]?(?:(bearer|basic|token|digest|apikey|bot|negotiate)\s{1,3})?|(bearer)\s{1,3})([^\s"'`,;<>\\]{4,})/gi;

const authorizations: Finder = (text) =>
  Array.from(text.matchAll(authorization)).flatMap((match) => {
    const [, scheme, alone, value = ""] = match;
    if (isReference(value) || value.startsWith("AWS4-") || (!scheme && !looksRandom(value, alone ? 16 : 8))) return [];
    return scheme && value.length < 8 && !/\d/.test(value) ? [] : [ofGroup(match, value)];
  });

const cookieHeader = /(?<![\w-])(?:set-)?cookie\\?["']?\s{0,3}:\s{0,3}\\?["']?([^\r\n"'\\]{3,})/gi;
const cookiePair = /(?<=^|;\s{0,3})([^\s=;,]{1,100})=([^\s;,]{4,})/g;
const cookieAttributes = /^(?:path|domain|expires|max-age|samesite|secure|httponly|priority)$/i;

const cookies: Finder = (text) =>
  Array.from(text.matchAll(cookieHeader)).flatMap((header) => {
    const pairs = header[1]!;
    const offset = header.index + header[0].length - pairs.length;
    return Array.from(pairs.matchAll(cookiePair)).flatMap((pair) => {
      if (cookieAttributes.test(pair[1]!) || isReference(pair[2]!)) return [];
      const end = offset + pair.index + pair[0].length;
      return [{ start: end - pair[2]!.length, end }];
    });
  });

const key = /(?<![\w.-])(-{0,2})([A-Za-z_][\w.-]{1,80})(\\{0,3}["']?\s{0,3}(?:[:=]>?|:=)\s{0,3}|\s{1,3})/g;
/** The beginning of a value decides whether it is one: only then is the rest of it read. */
const bareHead = /[^\s"'`&;,)}\]\\(<>|]{1,200}/y;
const bareRest = /[^\s"'`&;,)}\]\\(<>|]*/y;

/** `NAME=value`, `"name": "value"`, `?name=value&`, `name: value`, `--name value`. */
const assignments: Finder = (text) => {
  const spans: Span[] = [];
  key.lastIndex = 0;
  for (let match = key.exec(text); match; match = key.exec(text)) {
    const [, dashes = "", name = "", separator = ""] = match;
    const isFlagWithSpace = separator.trim() === "";
    if ((isFlagWithSpace && dashes === "") || !isSecretName(name)) continue;
    const span = valueAfter({
      text,
      name,
      separator,
      from: key.lastIndex,
      before: dashes ? "-" : (text[match.index - 1] ?? ""),
    });
    if (!span) continue;
    spans.push(span);
    key.lastIndex = span.end;
  }
  return spans;
};

interface Place {
  text: string;
  name: string;
  separator: string;
  from: number;
  /** The character in front of the name; a hyphen when the name is an option. */
  before: string;
}

function valueAfter(place: Place): Span | undefined {
  const quoted = quotedAt(place.text, place.from);
  if (quoted) return isQuotedSecret(place.text.slice(quoted.start, quoted.end), place) ? quoted : undefined;
  bareHead.lastIndex = place.from;
  const head = bareHead.exec(place.text)?.[0];
  if (head === undefined || !isBareSecret(head, place)) return undefined;
  bareRest.lastIndex = place.from + head.length;
  return { start: place.from, end: bareRest.lastIndex + (bareRest.exec(place.text)?.[0].length ?? 0) };
}

const longestQuoted = 4_096;

/** What stands between quotes here, where they may themselves be escaped (JSON within JSON), up to the end of the line. */
function quotedAt(text: string, from: number): Span | undefined {
  let start = from;
  while (text[start] === "\\" && start < from + 3) start += 1;
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return undefined;
  const closing = text.slice(from, start + 1);
  start += 1;
  const last = Math.min(text.length, start + longestQuoted);
  for (let at = start; at < last && text[at] !== "\n"; at++) {
    if (text.startsWith(closing, at)) return { start, end: at };
    if (text[at] === "\\") at += 1;
  }
  return undefined;
}

/** Labels and sentences stand behind such names too, in translations and in schemas. */
function isQuotedSecret(value: string, { name, separator }: Place): boolean {
  if (value.length < 3 || isMasked(value) || isReference(value)) return false;
  if (separator === "=" && /^[A-Z][A-Z0-9_]*$/.test(name)) return true;
  if (value.toLowerCase() === name.toLowerCase()) return false;
  if (/\s/.test(value)) return !/password|token|secret|key|[.?!:]$|^\s|\s$/i.test(value) && /\d|\s.*\s/.test(value);
  return !/^(?:[a-z]+|[A-Z][a-z]+|[A-Z_]+)$/.test(value) || /pass/i.test(name) || value.length >= shortestWord;
}
const shortestWord = 24;

function isBareSecret(value: string, { text, name, separator, from, before }: Place): boolean {
  const after = text[from + value.length] ?? "";
  if (isMasked(value) || isReference(value) || after === "(" || value.includes("[")) return false;
  const isFlag = before === "-";
  if (separator.trim() === "") return !value.startsWith("-") && looksMixed(value, 6);
  const isTight = separator === "=";
  const isNumber = /^\d{1,7}$/.test(value);
  if (isTight && (isFlag || /^[A-Z][A-Z0-9_]*$/.test(name))) return !isNumber || !/token$/i.test(name);
  const isForm = isTight && (before === "?" || before === "&" || after === "&");
  if (isForm) return !isNumber;
  const isHeader = name.includes("-") && separator === ": " && (before === "" || before === "\n");
  if (isHeader) return value.length >= 6;
  return looksRandom(value, 8);
}

const signature = /[?&](?:sig|signature|x-amz-signature|x-goog-signature|code|key)=([^\s&"'<>#]{16,})/gi;

/** Signed addresses: whoever has the address has the right. */
const signatures: Finder = (text) =>
  Array.from(text.matchAll(signature)).flatMap((match) =>
    isMasked(match[1]!) || isReference(match[1]!) || !/\d/.test(match[1]!) ? [] : [ofGroup(match, match[1]!)],
  );

const finders: readonly Finder[] = [
  tokens,
  privateKeys,
  urlPasswords,
  authorizations,
  cookies,
  assignments,
  signatures,
  declaredSecrets,
];

export const findSecrets = (text: string): Span[] => finders.flatMap((find) => find(text));
