/**
 * Passwords that look like any word. Only where they stand tells them from variables, types and sentences: a line of their
 * own as in configuration, an argument of a command.
 */
import { isSecretName, looksMixed } from "./secret-values.ts";

/** Where a name stands that promises a secret, and where the value begins. */
export interface Place {
  text: string;
  name: string;
  separator: string;
  start: number;
  from: number;
  /** The character in front of the name; a hyphen when the name is an option. */
  before: string;
}

/** Names whose values may be numbers, and words where code has words, too. */
export const namesPassword = (name: string): boolean => /pass|pwd/i.test(name);

/** `PWD=/home/bob`: the directory where somebody is. */
export const standsForPath = (value: string, name: string): boolean =>
  /^(?:old)?pwd$/i.test(name) && /^(?:[/~.]|[A-Za-z]:[\\/])/.test(value);

/** What is said about a secret, or chosen for it, and is none. */
const states =
  /^(?:on|off|yes|no|not|is|read|write|inherit|default|auto|(?:en|dis)abled?|(?:un|re)?set|(?:in)?valid|(?:in)?correct|wrong|missing|expired|revoked|fail(?:ed|ure|s)?|success|accepted|rejected|denied|granted|(?:un)?changed|updated|unknown|present|absent|found|never|always|old|new|text|value|varchar|bytes|uuid|json|this|await|function|class|lambda)$/i;

/** Names that choose a way of authorisation as often as they hold a secret. */
const modes = /(?:authorization|credentials?)$/i;

/** Not a type, an address, an operator, a variable named after the secret that it holds, or what is said about one. */
export const isPlainWord = (value: string, name: string): boolean =>
  !modes.test(name) &&
  value.length >= shortestPlain &&
  !states.test(value) &&
  !/^[=.:/~-]|^\w+:\/\/|^\w+=/.test(value) &&
  !isSecretName(value.replace(/[\d!?_]+$/, ""));
const shortestPlain = 3;

export function isPlainSecret(value: string, place: Place): boolean {
  const { name, separator } = place;
  if (!isPlainWord(value, name) || (/^\d+$/.test(value) && !namesPassword(name))) return false;
  if (separator === " ") return isArgument(value, name);
  if (separator === "=") return isSetting(value, place);
  if (/["']/.test(separator)) return /^\d{4,}$/.test(value);
  const isCode = /^[A-Z][A-Za-z]*[!?]?$|^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(value);
  if (isCode) return false;
  const isMixed = namesPassword(name) && looksMixed(value, 6);
  if (isYaml(value, place)) return true;
  if (/^:[ \t]{1,3}$/.test(separator)) return isMixed && endsBeforeSpace(value, place);
  return /^[ \t]=[ \t]{1,3}$/.test(separator) && isAlone(value, place) && (isMixed || isInSection(place));
}

/** Options that say yes to something: an argument of the command follows them. */
const switches = /^(?:no|skip|without|ask|prompt|show|use|with|reset|force|allow|require|hide|generate|print)[-_]/i;
/** How a sentence goes on behind the name of an option. */
const prose =
  /^(?:to|for|from|with|in|into|the|an?|as|and|or|if|when|where|which|that|flags?|options?|arguments?|args?|parameters?|params?|must|can|could|may|might|will|would|should|was|has|have|are|be|on|of|via|by|at|instead|only|but|so|then|than|it|its|your|you|we|takes|needs|sets|requires|expects|gives|does|works|here|above|below)[.,:]?$/i;

/** `--password value`, and neither a manual's `--password WORD` nor talk about the option. */
const isArgument = (value: string, name: string): boolean =>
  !switches.test(name) && !prose.test(value) && !/^[A-Z][A-Z_]*$|^[,.:;]/.test(value);

/** `name=value` as shells, settings and addresses of databases have it; not as an argument of a call. */
function isSetting(value: string, { text, start, from, before, name }: Place): boolean {
  if (before === ";") return namesPassword(name);
  const end = from + value.length;
  return !/[$@]/.test(before) && /^[\s"'`\\;]?$/.test(text[end] ?? "") && !isInBrackets(text, start, end);
}

const farthest = 200;
const textBefore = (text: string, at: number) => text.slice(Math.max(0, at - farthest), at);
const textAfter = (text: string, at: number) => text.slice(at, at + farthest);

/** The nearest characters that are no white space tell it: the next argument, or the bracket itself. */
const isInBrackets = (text: string, start: number, end: number): boolean =>
  /[,({[]\s*$/.test(textBefore(text, start)) || /^\s*[,)}\]]/.test(textAfter(text, end));

const endsBeforeSpace = (value: string, { text, from }: Place): boolean =>
  /^(?:$|\s+(?:$|[^\s,)}\]]))/.test(textAfter(text, from + value.length));

/** In front of it the marks of a list, of a difference, of a search's results. */
const lineBegins = /(?:^|\n|\\n)(?:[\w./-]{1,150}:(?:\d{1,6}:)?)?[ \t+>]*(?:-[ \t]+)?$/;
const lineEnds = /^[ \t]*(?:[ \t]#[^\n]*)?(?:$|\r?\n|\\[nr])/;

/** Nothing else stands in the line, or between the quotation marks. */
function isAlone(value: string, { text, name, start, from, before }: Place): boolean {
  const end = from + value.length;
  if (/["'`]/.test(before)) return text[end] === before;
  // Within JSON a line begins behind a written `\n`, whose letter is taken for the name's first.
  const begins = before === "\\" ? /^[nt]/.test(name) : lineBegins.test(textBefore(text, start));
  return begins && lineEnds.test(textAfter(text, end)) && !isInBrackets(text, start, end);
}

/** `name: value` alone; the value with its quotation marks. */
export const isYaml = (value: string, place: Place): boolean =>
  /^:[ \t]{1,3}$/.test(place.separator) && isAlone(value, place);

const sectionReach = 2_000;

/** Under a `[section]`, as files of settings have them, a word is a value; in code it is a variable. */
const isInSection = ({ text, start }: Place): boolean =>
  /^\[[\w .:"-]{1,80}\][ \t\r]*$/m.test(text.slice(Math.max(0, start - sectionReach), start));
