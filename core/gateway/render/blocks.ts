import { closesFence, openedFence } from "./fences.ts";
import { parseInlines, type Inline } from "./inlines.ts";

interface ListItem {
  /** 0 for the outermost list. */
  depth: number;
  /** "3." for an ordered item, absent for a bullet. */
  number?: string;
  inlines: Inline[];
}

interface Table {
  header: Inline[][];
  rows: Inline[][][];
}

export type Block =
  | { kind: "paragraph"; inlines: Inline[] }
  | { kind: "heading"; inlines: Inline[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "quote"; blocks: SpacedBlock[] }
  | { kind: "list"; items: ListItem[] }
  | { kind: "table"; table: Table }
  | { kind: "rule" };

/** Chat is read with the author's own spacing, so a block remembers whether a blank line came before it. */
export type SpacedBlock = Block & { blankBefore: boolean };

interface Found {
  block: Block;
  next: number;
}

/** Quotes within quotes beyond this are text; each level is parsed on its own. */
const maxQuoteDepth = 8;

/**
 * Reads the Markdown that agents write (the CommonMark blocks plus tables) into blocks. Chat keeps line breaks, so a
 * newline within a paragraph stays one. Unfinished input is fine: an open fence runs to the end.
 */
export const parseMarkdown = (markdown: string): SpacedBlock[] => parseLines(markdown.split(/\r?\n/), 0);

function parseLines(lines: string[], quoteDepth: number): SpacedBlock[] {
  const blocks: SpacedBlock[] = [];
  let blankBefore = false;
  for (let at = 0; at < lines.length;) {
    if (lineAt(lines, at).trim() === "") {
      blankBefore = true;
      at += 1;
      continue;
    }
    const found = readBlock(lines, at, quoteDepth) ?? readParagraph(lines, at);
    blocks.push({ ...found.block, blankBefore: blankBefore && blocks.length > 0 });
    at = found.next;
    blankBefore = false;
  }
  return blocks;
}

const heading = /^ {0,3}#{1,6}[ \t]+(.*)$/;
const rule = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const quoteMark = /^ {0,3}> ?/;

const lineAt = (lines: readonly string[], at: number): string => lines[at] ?? "";

function readBlock(lines: string[], at: number, quoteDepth: number): Found | undefined {
  return (
    readFence(lines, at) ??
    readRule(lines, at) ??
    readHeading(lines, at) ??
    (quoteDepth < maxQuoteDepth ? readQuote(lines, at, quoteDepth) : undefined) ??
    readTable(lines, at) ??
    readList(lines, at)
  );
}

function readParagraph(lines: string[], at: number): Found {
  let next = at + 1;
  while (next < lines.length && lineAt(lines, next).trim() !== "" && !interruptsParagraph(lines, next)) next += 1;
  const text = lines.slice(at, next).map(withoutTrailingSpace).join("\n");
  return { block: { kind: "paragraph", inlines: parseInlines(text) }, next };
}

/** As in CommonMark an ordered list interrupts a paragraph only when it begins with 1: "in\n2024. …" is prose. */
function interruptsParagraph(lines: readonly string[], at: number): boolean {
  const line = lineAt(lines, at);
  return (
    openedFence(line) !== undefined ||
    heading.test(line) ||
    rule.test(line) ||
    quoteMark.test(line) ||
    /^[ \t]*(?:[-*+]|1[.)])[ \t]+\S/.test(line) ||
    isTableStart(line, lineAt(lines, at + 1))
  );
}

const withoutTrailingSpace = (line: string) => line.trimEnd();

function readFence(lines: string[], at: number): Found | undefined {
  const line = lineAt(lines, at);
  const fence = openedFence(line);
  if (!fence || line.trimStart().charAt(0) !== fence.marker.charAt(0)) return undefined;
  let next = at + 1;
  while (next < lines.length && !closesFence(lineAt(lines, next), fence)) next += 1;
  const indent = new RegExp(`^[ \\t]{0,${fence.prefix.length}}`);
  const text = lines
    .slice(at + 1, next)
    .map((content) => content.replace(indent, ""))
    .join("\n");
  return { block: { kind: "code", language: fence.language, text }, next: Math.min(next + 1, lines.length) };
}

function readRule(lines: string[], at: number): Found | undefined {
  return rule.test(lineAt(lines, at)) ? { block: { kind: "rule" }, next: at + 1 } : undefined;
}

function readHeading(lines: string[], at: number): Found | undefined {
  const text = heading.exec(lineAt(lines, at))?.[1];
  if (text === undefined) return undefined;
  return {
    block: { kind: "heading", inlines: parseInlines(text.replace(/[ \t]+#+[ \t]*$/, "").trim()) },
    next: at + 1,
  };
}

function readQuote(lines: string[], at: number, quoteDepth: number): Found | undefined {
  let next = at;
  while (quoteMark.test(lineAt(lines, next))) next += 1;
  if (next === at) return undefined;
  const inner = lines.slice(at, next).map((line) => line.replace(quoteMark, ""));
  return { block: { kind: "quote", blocks: parseLines(inner, quoteDepth + 1) }, next };
}

function readTable(lines: string[], at: number): Found | undefined {
  if (!isTableStart(lineAt(lines, at), lineAt(lines, at + 1))) return undefined;
  let next = at + 2;
  while (lineAt(lines, next).includes("|")) next += 1;
  const [header = [], ...rows] = [at, ...range(at + 2, next)].map((row) =>
    tableCells(lineAt(lines, row)).map((cell) => parseInlines(cell)),
  );
  return { block: { kind: "table", table: { header, rows } }, next };
}

/** Whether two lines are a table's header and the dashes under it. */
export function isTableStart(header: string, dashes: string): boolean {
  if (!header.includes("|") || !dashes.includes("-")) return false;
  const cells = tableCells(dashes);
  return cells.length === tableCells(header).length && cells.every((cell) => /^:?-+:?$/.test(cell));
}

function tableCells(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

const listItem = /^([ \t]*)(?:[-*+]|(\d{1,9}[.)]))(?:[ \t]+(.*)|)$/;

function readList(lines: string[], at: number): Found | undefined {
  const items: ListItem[] = [];
  const indents: number[] = [];
  let next = at;
  for (; next < lines.length;) {
    const match = listItem.exec(lineAt(lines, next));
    if (!match) break;
    const [, space = "", number, first = ""] = match;
    const item = { depth: depthOf(space.replaceAll("\t", "    ").length, indents), ...(number && { number }) };
    if (openedFence(first)) {
      // A fence right after the marker: the item stands alone and the fence is read as its own block.
      items.push({ ...item, inlines: [] });
      lines[next] = " ".repeat(lineAt(lines, next).length - first.length) + first;
      break;
    }
    const end = afterContinuation(lines, next + 1);
    const text = [first, ...lines.slice(next + 1, end).map((line) => line.trim())].join("\n");
    items.push({ ...item, inlines: parseInlines(text.trim()) });
    next = end;
  }
  return items.length > 0 ? { block: { kind: "list", items }, next } : undefined;
}

/** Nesting by what the author indented, however wide: deeper than the last is one level down. */
function depthOf(indent: number, indents: number[]): number {
  while (indents.length > 0 && (indents.at(-1) ?? 0) > indent) indents.pop();
  if ((indents.at(-1) ?? -1) < indent) indents.push(indent);
  return indents.length - 1;
}

/** Indented lines that follow an item without starting anything of their own belong to it. */
function afterContinuation(lines: readonly string[], from: number): number {
  let next = from;
  while (next < lines.length) {
    const line = lineAt(lines, next);
    if (!/^[ \t]+\S/.test(line) || listItem.test(line) || openedFence(line)) break;
    next += 1;
  }
  return next;
}
