/**
 * Reads the YAML that the front matter of skills is written in: block mappings and sequences, quoted, plain, literal and
 * folded scalars, flow collections, comments. Anchors, tags, complex keys and several documents are refused with a
 * sentence. The package `yaml` reads all of YAML but is 113 KB minified, in functions that load for every message; the
 * tests compare this reader with it.
 */
import type { Json } from "../base/json.ts";
import { addEntry, checkedPlain, flowValue, plainValue, unreadable, withoutComment } from "./yaml-scalars.ts";

interface Reader {
  lines: string[];
  at: number;
}

const maxDepth = 20;
const keyPattern =
  /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#&*!|>%@`[\]{},?:-](?:[^:#]|:(?=\S)|(?<=\S)#)*?|[-?:](?=\S)(?:[^:#]|:(?=\S)|(?<=\S)#)*?)\s*:(?=\s|$)/;

/** The value of the text; throws a refusal whose message completes "cannot be read: …". */
export function readYaml(text: string): Json {
  const reader: Reader = { lines: text.replace(/\r\n?/g, "\n").split("\n"), at: 0 };
  const value = readBlock(reader, 0, 0);
  if (skipBlank(reader) !== undefined) throw unreadable(`line ${reader.at + 1} is not indented like its neighbours`);
  return value;
}

const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;

/** Moves to the next line that says something; `undefined` at the end. */
function skipBlank(reader: Reader): string | undefined {
  while (reader.at < reader.lines.length) {
    const line = reader.lines[reader.at] ?? "";
    if (!/^\s*(#|$)/.test(line)) {
      if (/^ *\t/.test(line)) throw unreadable(`line ${reader.at + 1} is indented with a tab`);
      return line;
    }
    reader.at += 1;
  }
  return undefined;
}

const isItem = (text: string): boolean => /^-(\s|$)/.test(text);

/** Whatever begins at the next line, if that is indented by at least so much. */
function readBlock(reader: Reader, least: number, depth: number): Json {
  const line = skipBlank(reader);
  if (line === undefined || indentOf(line) < least) return null;
  if (depth > maxDepth) throw unreadable("it is nested too deeply");
  const indent = indentOf(line);
  const text = line.slice(indent);
  if (isItem(text)) return readSequence(reader, indent, depth);
  if (keyPattern.test(text)) return readMapping(reader, indent, depth);
  reader.at += 1;
  return readValue(reader, text, least - 1, depth);
}

function readSequence(reader: Reader, indent: number, depth: number): Json {
  const items: Json[] = [];
  for (let line = skipBlank(reader); line !== undefined; line = skipBlank(reader)) {
    if (indentOf(line) !== indent || !isItem(line.slice(indent))) break;
    const rest = line.slice(indent + 1);
    const text = rest.trimStart();
    if (isItem(text) || keyPattern.test(text)) {
      // A collection that begins beside its dash: read it as a block that is indented to there.
      reader.lines[reader.at] = " ".repeat(indent + 1 + rest.length - text.length) + text;
      items.push(readBlock(reader, indent + 1, depth + 1));
    } else {
      reader.at += 1;
      items.push(readValue(reader, text, indent, depth));
    }
  }
  return items;
}

function readMapping(reader: Reader, indent: number, depth: number): Json {
  const entries = new Map<string, Json>();
  for (let line = skipBlank(reader); line !== undefined && indentOf(line) === indent; line = skipBlank(reader)) {
    const text = line.slice(indent);
    const [whole, key] = keyPattern.exec(text) ?? [];
    if (whole === undefined || key === undefined) {
      checkedPlain(text);
      throw unreadable(`line ${reader.at + 1} has no key`);
    }
    reader.at += 1;
    const name = /^["']/.test(key) ? (flowValue(key)?.value ?? key) : key;
    addEntry(entries, name, readMappingValue(reader, text.slice(whole.length).trim(), indent, depth));
  }
  return Object.fromEntries(entries);
}

function readMappingValue(reader: Reader, text: string, indent: number, depth: number): Json {
  if (withoutComment(text) === "") {
    // The dashes of a list may stand right below their key.
    const next = skipBlank(reader);
    const isFlush = next !== undefined && indentOf(next) === indent && isItem(next.slice(indent));
    if (isFlush) return readSequence(reader, indent, depth + 1);
  }
  return readValue(reader, text, indent, depth);
}

/** What follows a key or a dash: `indent` is that of the key, and further lines of the value are indented more. */
function readValue(reader: Reader, text: string, indent: number, depth: number): Json {
  if (withoutComment(text) === "") return readBlock(reader, indent + 1, depth + 1);
  if (/^[|>]/.test(text)) return readBlockScalar(reader, withoutComment(text), indent);
  if (/^["'[{]/.test(text)) return readFlow(reader, text, indent);
  return readPlain(reader, text, indent);
}

function readFlow(reader: Reader, first: string, indent: number): Json {
  let text = first;
  for (let found = flowValue(text); ; found = flowValue(text)) {
    if (found !== undefined) return found.value;
    const line = reader.lines[reader.at];
    const isPart = line !== undefined && (line.trim() === "" || indentOf(line) > indent);
    if (!isPart) throw unreadable(`"${first.slice(0, 60)}" has no end`);
    text += `\n${line.trim()}`;
    reader.at += 1;
  }
}

function readPlain(reader: Reader, first: string, indent: number): Json {
  const start = withoutComment(first);
  let text = checkedPlain(start);
  let breaks = 0;
  // A comment ends a plain scalar.
  for (let isOpen = start === first.trimEnd(); isOpen && reader.at < reader.lines.length; reader.at += 1) {
    const line = reader.lines[reader.at] ?? "";
    if (line.trim() === "") {
      breaks += 1;
      continue;
    }
    if (indentOf(line) <= indent || /^\s*#/.test(line)) break;
    const part = withoutComment(line.trim());
    if (/:(\s|$)/.test(part)) throw unreadable(`line ${reader.at + 1} contains a colon and has to be quoted`);
    text += (breaks > 0 ? "\n".repeat(breaks) : " ") + part;
    breaks = 0;
    isOpen = part === line.trim();
  }
  return plainValue(text);
}

/** Literal (|) and folded (>) text; `header` may give the indentation and what to do with newlines at the end. */
function readBlockScalar(reader: Reader, header: string, indent: number): string {
  const [, style, options] = /^([|>])([-+0-9]*)$/.exec(header) ?? [];
  if (style === undefined || options === undefined) throw unreadable(`"${header.slice(0, 60)}" has to be quoted`);
  const lines: string[] = [];
  const given = /[1-9]/.exec(options)?.[0];
  let depth = given === undefined ? undefined : Math.max(0, indent) + Number(given);
  for (; reader.at < reader.lines.length; reader.at += 1) {
    const line = reader.lines[reader.at] ?? "";
    const isBlank = line.trim() === "";
    if (!isBlank) {
      depth ??= indentOf(line);
      if (indentOf(line) <= indent || indentOf(line) < depth) break;
    }
    lines.push(isBlank ? line.slice(depth ?? Infinity) : line.slice(depth));
  }
  const text = style === "|" ? lines.join("\n") : foldLines(lines);
  const body = text.replace(/\n+$/, "");
  if (options.includes("-") || (body === "" && !options.includes("+"))) return body;
  if (!options.includes("+")) return `${body}\n`;
  // The last line of the document ends without a newline of its own when the text does.
  return reader.at >= reader.lines.length ? text : `${text}\n`;
}

/** One line break becomes a space, except beside lines that are indented more (YAML 1.2.2, 8.1.3). */
function foldLines(lines: readonly string[]): string {
  let text = "";
  let blanks = 0;
  let previous: string | undefined;
  for (const line of lines) {
    if (line === "") {
      blanks += 1;
      continue;
    }
    const isVerbatim = /^\s/.test(line) || (previous !== undefined && /^\s/.test(previous));
    if (previous === undefined) text += "\n".repeat(blanks);
    else text += isVerbatim ? "\n".repeat(blanks + 1) : "\n".repeat(blanks) || " ";
    text += line;
    previous = line;
    blanks = 0;
  }
  return text + "\n".repeat(blanks);
}
