import type { PlatformLimits } from "../platforms/platform.ts";
import { isTableStart } from "./render/blocks.ts";
import { closesFence, openedFence, type Fence } from "./render/fences.ts";

export interface SplitOptions {
  render(markdown: string): string;
  limits: PlatformLimits;
}

/**
 * Splits a reply into rendered parts that each fit one message; `[]` when there is nothing to show.
 *
 * The Markdown is cut before it is rendered, so every part is well-formed by itself: between blocks where that is
 * possible, then between lines, then between words, and within a word only when nothing else is left. A code fence or
 * a table that is cut goes on in the next part under its own opening lines. Several parts are numbered " (1/3)".
 */
export function splitReply(markdown: string, { render, limits }: SplitOptions): string[] {
  const text = withClosedFence(
    // A stream may have been cut within an emoji; platforms refuse half of one.
    markdown
      .toWellFormed()
      .replaceAll("\r\n", "\n")
      .replace(/^(?:[ \t]*\n)+/, "")
      .trimEnd(),
  );
  const measure = measureOf(limits);
  const fitsIn = (room: number) => (part: string) => measure(render(part)) <= room;
  if (fitsIn(limits.maxLength)(text)) return [render(text)].filter(isVisible);
  for (let digits = 1; ; digits += 1) {
    const reserved = "\n\n(/)".length + 2 * digits;
    const parts = cut(text, fitsIn(limits.maxLength - reserved)).filter((part) => isVisible(render(part)));
    if (parts.length < 10 ** digits) return numbered(parts, render);
  }
}

const measures: Record<PlatformLimits["unit"], (text: string) => number> = {
  utf16: (text) => text.length,
  characters: (text) => Array.from(text).length,
  bytes: (text) => Buffer.byteLength(text),
};

/** How long a rendered text is for its platform. */
export const measureOf = (limits: PlatformLimits): ((rendered: string) => number) =>
  limits.measure ?? measures[limits.unit];

const isVisible = (rendered: string): boolean => rendered.trim() !== "";

function numbered(parts: readonly string[], render: (markdown: string) => string): string[] {
  if (parts.length === 1) return parts.map(render);
  return parts.map((part, index) => {
    // After a fence or a table the number needs a paragraph of its own, or it becomes part of the block.
    const lastLine = part.slice(part.lastIndexOf("\n") + 1);
    const gap = /^[ \t>]*(?:```|~~~)|\|\s*$/.test(lastLine) ? "\n\n" : " ";
    return `${render(part)}${gap}(${index + 1}/${parts.length})`;
  });
}

/** A reply that ends within a fence (cut short, or still being streamed) must not swallow its number. */
function withClosedFence(text: string): string {
  const { fence } = openAt(text, text.length);
  return fence ? `${text}\n${fence.prefix}${fence.marker}` : text;
}

type Fits = (markdown: string) => boolean;

function cut(text: string, fits: Fits): string[] {
  const parts: string[] = [];
  for (let rest = text; rest !== "";) {
    const at = chooseBreak(rest, fits);
    parts.push(headBefore(rest, at));
    rest = tailAfter(rest, at);
  }
  return parts;
}

/** The best place to cut such that the head fits. At least one character goes, or there would be no end. */
function chooseBreak(rest: string, fits: Fits): number {
  const headFits = (at: number) => fits(headBefore(rest, at));
  const least = leastBreak(rest, headFits);
  if (least >= rest.length) return rest.length;
  let end = longestFit(least, rest.length, headFits);
  while (end < rest.length) {
    const at = bestBreak(rest, least, end);
    if (at <= least || headFits(at)) return at;
    // Cutting inside markup (a link's address) can lengthen what is shown: look further up.
    end = Math.max(least, Math.min(at - 1, Math.floor(end * 0.9)));
  }
  return end;
}

/**
 * Doubles, then halves, so that the work follows the size of a part and not that of the whole reply. `fits` need not
 * be strictly monotonic: the caller checks the place it takes in the end.
 */
function longestFit(least: number, length: number, fits: (at: number) => boolean): number {
  let low = least;
  let high = Math.min(length, least + 1024);
  while (fits(high)) {
    if (high === length) return length;
    low = high;
    high = Math.min(length, high * 2);
  }
  // A part may be shorter than it could be by a sixty-fourth: finding the very last character would double the work.
  while (low < high - 1 - (low >> 6)) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The first place that makes progress: within the content of a fence or a table, since its head is repeated. */
function leastBreak(rest: string, headFits: (at: number) => boolean): number {
  const [first = "", second = ""] = rest.split("\n", 2);
  if (openedFence(first)) return first.length + 2;
  const firstRow = first.length + second.length + 3;
  return isTableStart(first, second) && headFits(firstRow) ? firstRow : 1;
}

function bestBreak(rest: string, least: number, end: number): number {
  const half = Math.max(least, Math.floor(end / 2));
  for (let at = rest.lastIndexOf("\n\n", end); at > half; at = rest.lastIndexOf("\n\n", at - 1)) {
    if (!openAt(rest, at).fence) return at;
  }
  const line = lineBreakBefore(rest, end);
  if (line > half) return line;
  const space = rest.lastIndexOf(" ", end);
  if (space > half) return space;
  return betweenCharacters(rest, least, end);
}

/** The last line break, but not the one between a table's header and its dashes: they are nothing apart. */
function lineBreakBefore(rest: string, end: number): number {
  const at = rest.lastIndexOf("\n", end);
  const previous = at > 0 ? rest.lastIndexOf("\n", at - 1) : -1;
  const next = rest.indexOf("\n", at + 1);
  const lineAfter = rest.slice(at + 1, next === -1 ? rest.length : next);
  return isTableStart(rest.slice(previous + 1, Math.max(at, 0)), lineAfter) ? previous : at;
}

/** Steps back from the middle of a surrogate pair or of a character with its combining marks and joiners. */
function betweenCharacters(rest: string, least: number, end: number): number {
  const from = Math.max(0, end - 32);
  const { segment = "", index = 0 } = segmenter.segment(rest.slice(from, end + 32)).containing(end - from) ?? {};
  const start = from + index;
  if (start >= least) return start;
  // Nothing before it makes progress: take it whole if it is short, else between code points.
  const isLowSurrogate = /^[\uDC00-\uDFFF]/.test(rest.slice(end, end + 1));
  return segment.length <= 2 ? start + segment.length : end + (isLowSurrogate ? 1 : 0);
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

interface Open {
  fence?: Fence;
  /** The table's two head lines, when the cut lies between its rows. */
  tableHead?: string;
}

/** What is open at a position: only whole lines before it count. */
function openAt(text: string, at: number): Open {
  const lines = text.slice(0, at).split("\n");
  let open: Open = {};
  for (const [index, line] of lines.entries()) {
    if (open.fence) {
      if (closesFence(line, open.fence)) open = {};
      continue;
    }
    const fence = openedFence(line);
    if (fence) open = { fence };
    else if (open.tableHead === undefined && isTableStart(line, lines[index + 1] ?? "")) {
      open = { tableHead: `${line}\n${lines[index + 1]}` };
    } else if (!line.includes("|")) open = {};
  }
  return open;
}

/** What goes into this part: an open fence is closed. */
function headBefore(text: string, at: number): string {
  const head = text.slice(0, at);
  const { fence } = openAt(text, at);
  return fence && at < text.length ? `${head}\n${fence.prefix}${fence.marker}` : head.trimEnd();
}

/** A longer table head than this is not repeated: the parts would be all head. */
const maxRepeatedHead = 400;

/** What is left for the next parts: an open fence, or a table cut between its rows, is opened again. */
function tailAfter(text: string, at: number): string {
  const rest = text.slice(at);
  const { fence, tableHead } = openAt(text, at);
  if (fence) return rest === "" ? "" : reopened(rest.replace(/^\n/, ""), fence);
  const tail = rest.replace(/^(?:[ \t]*\n)+|^ +/, "");
  const isBetweenRows = rest.startsWith("\n") && tail.split("\n", 1)[0]?.includes("|");
  return tableHead !== undefined && tableHead.length <= maxRepeatedHead && isBetweenRows
    ? `${tableHead}\n${tail}`
    : tail;
}

function reopened(tail: string, fence: Fence): string {
  const [first = "", ...others] = tail.split("\n");
  if (closesFence(first, fence)) return others.join("\n").replace(/^(?:[ \t]*\n)+/, "");
  return `${fence.prefix}${fence.marker}${fence.language}\n${tail}`;
}
