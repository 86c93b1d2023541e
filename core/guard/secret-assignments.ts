import { isPlainSecret, isPlainWord, isYaml, namesPassword, type Place, standsForPath } from "./plain-secrets.ts";
import { isMasked, isReference, isSecretName, looksMixed, looksRandom } from "./secret-values.ts";
import type { Finder, Span } from "./span.ts";

const key = /(?<![\w.-])(-{0,2})([A-Za-z_][\w.-]{1,80})(\\{0,3}["']?\s{0,3}(?:[:=]>?|:=)\s{0,3}|\s{1,3})/g;
/** The beginning of a value decides whether it is one: only then is the rest of it read. */
const bareHead = /[^\s"'`&;,)}\]\\(<>|]{1,200}/y;
const bareRest = /[^\s"'`&;,)}\]\\(<>|]*/y;

/** `NAME=value`, `"name": "value"`, `?name=value&`, `name: value`, `--name value`. */
export const assignments: Finder = (text) => {
  const spans: Span[] = [];
  key.lastIndex = 0;
  for (let match = key.exec(text); match; match = key.exec(text)) {
    const [whole, dashes = "", name = "", separator = ""] = match;
    const isFlagWithSpace = separator.trim() === "";
    if ((isFlagWithSpace && dashes === "") || !isSecretName(name)) continue;
    const [start, from] = [match.index, match.index + whole.length];
    const before = dashes ? "-" : (text[start - 1] ?? "");
    const span = valueAfter({ text, name, separator, start, from, before });
    if (!span) continue;
    spans.push(span);
    key.lastIndex = span.end;
  }
  return spans;
};

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
function isQuotedSecret(value: string, place: Place): boolean {
  const { name, separator, before } = place;
  if (value.length < 3 || isMasked(value) || isReference(value) || standsForPath(value, name)) return false;
  if (separator === "=" && /^[A-Z][A-Z0-9_]*$/.test(name)) return true;
  if (value.toLowerCase() === name.toLowerCase()) return false;
  if (/\s/.test(value)) return !/password|token|secret|key|[.?!:]$|^\s|\s$/i.test(value) && /\d|\s.*\s/.test(value);
  if (!/^(?:[a-z]+|[A-Z][a-z]+|[A-Z_]+)$/.test(value) || value.length >= shortestWord) return true;
  if (namesPassword(name)) return true;
  // A token of a grammar has a word for its value: of code that names one, only data and commands are believed.
  const isData = /["']/.test(separator) || before === "-" || !/^token$/i.test(name) || isYaml(`"${value}"`, place);
  return isData && /^[a-z]+$/.test(value) && isPlainWord(value, name);
}
const shortestWord = 24;

function isBareSecret(value: string, place: Place): boolean {
  const { text, name, separator, from, before } = place;
  const after = text[from + value.length] ?? "";
  if (isMasked(value) || isReference(value) || after === "(" || value.includes("[")) return false;
  if (standsForPath(value, name)) return false;
  const isFlag = before === "-";
  if (separator.trim() === "") return !value.startsWith("-") && (looksMixed(value, 6) || isPlainSecret(value, place));
  const isTight = separator === "=";
  const isNumber = /^\d{1,7}$/.test(value) && !namesPassword(name);
  if (isTight && (isFlag || /^[A-Z][A-Z0-9_]*$/.test(name))) return !isNumber || !/token$/i.test(name);
  const isForm = isTight && (before === "?" || before === "&" || after === "&");
  if (isForm) return !isNumber;
  const isHeader = name.includes("-") && separator === ": " && (before === "" || before === "\n");
  if (isHeader) return value.length >= 6;
  return looksRandom(value, 8) || isPlainSecret(value, place);
}
