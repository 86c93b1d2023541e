/** Scalars and flow collections of the YAML subset that yaml.ts reads. */
import { refused } from "../base/errors.ts";
import type { Json } from "../base/json.ts";

export const unreadable = (problem: string) => refused(problem, { code: "skill.yaml" });

const numeric = /^[-+]?(0|[1-9][0-9]*|[0-9]+)(\.[0-9]*)?([eE][-+]?[0-9]+)?$|^[-+]?\.[0-9]+([eE][-+]?[0-9]+)?$/;

/** A plain scalar by the core schema (YAML 1.2.2, 10.3.2): null, booleans and numbers have a type, all else is text. */
export function plainValue(text: string): Json {
  if (/^(~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  if (numeric.test(text)) return Number(text);
  if (/^0x[0-9a-fA-F]+$/.test(text) || /^0o[0-7]+$/.test(text)) return Number(text);
  return text;
}

/** Without a comment, which begins with a # after white space. */
export const withoutComment = (text: string): string => text.replace(/(^|\s)#.*$/, "").trimEnd();

/** Refuses what a plain scalar must not begin with or contain (YAML 1.2.2, 7.3.3). */
export function checkedPlain(text: string): string {
  if (/^[&*!]/.test(text)) throw unreadable(`anchors, aliases and tags are not supported: quote ${short(text)}`);
  if (/^[@`%|>,[\]{}"']|^[-?:](\s|$)/.test(text)) throw unreadable(`${short(text)} has to be quoted`);
  if (/:(\s|$)/.test(text)) throw unreadable(`${short(text)} contains a colon and has to be quoted`);
  return text;
}

const short = (text: string): string => `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;

const escapes: Record<string, string> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};
const hexLengths: Record<string, number> = { x: 2, u: 4, U: 8 };

/** Reads one value that begins at `at`; `undefined` when the text ends too early, so that the caller may add a line. */
type Scanned<Value> = { value: Value; end: number } | undefined;

/** Line breaks inside quotes fold: one becomes a space, further ones stay (YAML 1.2.2, 7.3.1). */
const folded = (text: string): string =>
  text.replace(/[ \t]*\n[ \t\n]*/g, (gap) => "\n".repeat(gap.split("\n").length - 2) || " ");

function scanSingle(text: string, at: number): Scanned<string> {
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] !== "'") continue;
    if (text[end + 1] !== "'") return { value: folded(text.slice(at + 1, end)).replaceAll("''", "'"), end: end + 1 };
    end += 1;
  }
  return undefined;
}

function scanDouble(text: string, at: number): Scanned<string> {
  let value = "";
  let from = at + 1;
  for (let end = from; end < text.length; end += 1) {
    if (text[end] === '"') return { value: value + folded(text.slice(from, end)), end: end + 1 };
    if (text[end] !== "\\") continue;
    const escape = text.slice(end + 1, end + 2);
    if (escape === "") return undefined;
    value += folded(text.slice(from, end));
    const { put, length } = unescape(text, end + 1, escape);
    value += put;
    from = end + 1 + length;
    end = from - 1;
  }
  return undefined;
}

function unescape(text: string, at: number, escape: string): { put: string; length: number } {
  if (escape === "\n") return { put: "", length: /^\n[ \t]*/.exec(text.slice(at))?.[0].length ?? 1 };
  const hex = hexLengths[escape];
  if (hex === undefined) {
    const put = escapes[escape];
    if (put === undefined) throw unreadable(`"\\${escape}" is no escape in double quotes`);
    return { put, length: 1 };
  }
  const digits = text.slice(at + 1, at + 1 + hex);
  const code = /^[0-9a-fA-F]+$/.test(digits) && digits.length === hex ? Number.parseInt(digits, 16) : Infinity;
  if (code > 0x10ffff) throw unreadable(`"\\${escape}${digits}" is no character`);
  return { put: String.fromCodePoint(code), length: 1 + hex };
}

const maxDepth = 20;

function scanValue(text: string, from: number, depth: number): Scanned<Json> {
  const at = skipSpace(text, from);
  if (at >= text.length) return undefined;
  if (depth > maxDepth) throw unreadable("it is nested too deeply");
  if (text[at] === "'") return scanSingle(text, at);
  if (text[at] === '"') return scanDouble(text, at);
  if (text[at] === "[" || text[at] === "{") return scanCollection(text, at, depth);
  const plain = /^(?:[^,[\]{}:#]|:(?=[^\s,[\]{}])|(?<=\S)#)*/.exec(text.slice(at))?.[0] ?? "";
  return { value: plainValue(folded(checkedPlain(plain.trim()))), end: at + plain.length };
}

function scanCollection(text: string, at: number, depth: number): Scanned<Json> {
  const close = text[at] === "[" ? "]" : "}";
  const values: Json[] = [];
  const entries = new Map<string, Json>();
  let next = skipSpace(text, at + 1);
  while (text[next] !== close) {
    const item = scanValue(text, next, depth + 1);
    if (item === undefined) return undefined;
    let end = skipSpace(text, item.end);
    if (close === "]") values.push(item.value);
    else {
      const value = text[end] === ":" ? scanValue(text, end + 1, depth + 1) : { value: null, end };
      if (value === undefined) return undefined;
      addEntry(entries, item.value, value.value);
      end = skipSpace(text, value.end);
    }
    if (end >= text.length) return undefined;
    if (text[end] !== "," && text[end] !== close) throw unreadable(`a comma is missing in ${short(text)}`);
    next = text[end] === "," ? skipSpace(text, end + 1) : end;
    if (next >= text.length) return undefined;
  }
  return { value: close === "]" ? values : Object.fromEntries(entries), end: next + 1 };
}

const skipSpace = (text: string, at: number): number =>
  at + (/^(?:\s|(?<=\s)#[^\n]*)*/.exec(text.slice(at))?.[0].length ?? 0);

/** Keys are text and occur once. */
export function addEntry(entries: Map<string, Json>, key: Json, value: Json): void {
  if (typeof key === "object" && key !== null) throw unreadable("a key has to be a plain word");
  const name = String(key);
  if (entries.has(name)) throw unreadable(`the key ${short(name)} occurs twice`);
  entries.set(name, value);
}

/** A quoted or flow value that fills the text up to a comment; `undefined` when it goes on in the next line. */
export function flowValue(text: string): { value: Json } | undefined {
  const scanned = scanValue(text, 0, 0);
  if (scanned === undefined) return undefined;
  if (withoutComment(text.slice(scanned.end)).trim() !== "") throw unreadable(`${short(text)} goes on after its end`);
  return { value: scanned.value };
}
