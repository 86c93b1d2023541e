/** Whether a rewritten text still has what its sources had. Pure. */
import { isSaidBy, type Sentence, sentencesOf } from "./sentences.ts";

export interface Piece {
  kind: "heading" | "command" | "code block" | "number" | "sentence" | "file";
  text: string;
}

export interface Preservation {
  /** Gone without a word. */
  missing: Piece[];
  /** Gone, and said so. */
  dropped: Piece[];
}

export const isWhole = ({ missing, dropped }: Preservation): boolean => missing.length + dropped.length === 0;

/** Front matter is metadata, not content. */
const withoutFrontMatter = (text: string): string =>
  text.replace(/^\uFEFF?---[ \t]*\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/, "");

const fence = /^ {0,3}(`{3,}|~{3,})[^\n]*$/;
const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

interface Blocks {
  /** Lines outside of code. */
  prose: string[];
  code: string[][];
}

function blocksOf(text: string): Blocks {
  const blocks: Blocks = { prose: [], code: [] };
  let open: { mark: string; lines: string[] } | undefined;
  for (const line of withoutFrontMatter(text).split(/\r?\n/)) {
    const mark = fence.exec(line)?.[1];
    if (open && mark?.startsWith(open.mark) === true) {
      blocks.code.push(open.lines);
      open = undefined;
    } else if (open) open.lines.push(line);
    else if (mark !== undefined) open = { mark, lines: [] };
    else blocks.prose.push(line);
  }
  // A fence that nobody closed goes on to the end.
  if (open) blocks.code.push(open.lines);
  return blocks;
}

const headingOf = (line: string): string | undefined => /^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$/.exec(line)?.[1];

/** A heading ends a paragraph. */
const withoutHeading = (line: string): string => (headingOf(line) === undefined ? line : "");

/** The headings of a Markdown text, as they are written. */
export const headingsOf = (text: string): string[] =>
  blocksOf(text)
    .prose.flatMap((line) => headingOf(line) ?? [])
    .filter((heading) => heading !== "");

/** Code in a line: what is in it is to be typed as it stands. */
const inlineCode = /(`+)(?!`)([\s\S]+?)(?<!`)\1(?!`)/g;
/** With what belongs to it: 1,375 and 3.5 and 10:30 and 2026-11-22 and 40% are one number each. */
const number = /\d+(?:[.,:/-]\d+)*%?/g;

/** Everything of a text that a rewriting has to keep. */
export function piecesOf(text: string): Piece[] {
  const { prose, code } = blocksOf(text);
  const pieces: Piece[] = [];
  const add = (kind: Piece["kind"], found: string) => {
    if (found !== "") pieces.push({ kind, text: found });
  };
  for (const line of prose) add("heading", oneLine(headingOf(line) ?? ""));
  for (const lines of code) {
    for (const line of lines) add("command", oneLine(line));
    add(
      "code block",
      lines
        .map((line) => oneLine(line))
        .filter((line) => line !== "")
        .join("\n"),
    );
  }
  // The numbers of a list are its order, not its content.
  const said = prose.map((line) => line.replace(/^\s*\d+[.)]\s/, "")).join("\n");
  for (const { text } of sentencesOf(prose.map(withoutHeading))) add("sentence", text);
  for (const [, , inline = ""] of said.matchAll(inlineCode)) add("command", oneLine(inline));
  for (const [found] of said.matchAll(number)) add("number", found);
  return distinct(pieces);
}

const keyOf = ({ kind, text }: Piece): string => `${kind}\n${text}`;
const distinct = (pieces: readonly Piece[]): Piece[] => [
  ...new Map(pieces.map((piece) => [keyOf(piece), piece])).values(),
];

/** The pieces of a result, as they are looked up. */
interface Searchable {
  headings: Set<string>;
  blocks: string[];
  lines: Set<string>;
  numbers: Set<string>;
  /** Of its prose; a heading and a line of code may say it as well. */
  sentences: Sentence[];
}

function searchable(texts: readonly string[]): Searchable {
  const pieces = texts.flatMap(piecesOf);
  const of = (kind: Piece["kind"]) => pieces.filter((piece) => piece.kind === kind).map(({ text }) => text);
  return {
    headings: new Set(of("heading").map((heading) => heading.toLowerCase())),
    blocks: of("code block"),
    lines: new Set(of("command")),
    numbers: new Set([...of("number"), ...of("code block").flatMap((block) => block.match(number) ?? [])]),
    sentences: [...of("sentence"), ...of("heading"), ...of("command")].flatMap((text) => sentencesOf([text])),
  };
}

function has({ headings, blocks, lines, numbers, sentences }: Searchable, { kind, text }: Piece): boolean {
  if (kind === "heading") return headings.has(text.toLowerCase());
  if (kind === "number") return numbers.has(text);
  if (kind === "command") return lines.has(text);
  if (kind === "sentence") return isSaid(text, sentences);
  // A block may have been joined with another, in one piece and in its order.
  return blocks.some((block) => `\n${block}\n`.includes(`\n${text}\n`));
}

const isSaid = (text: string, sentences: readonly Sentence[]): boolean =>
  sentencesOf([text]).every((before) => sentences.some((after) => isSaidBy(before, after)));

/**
 * Compares texts before with texts after. `declared` is what the author says was left out on purpose: a text that names
 * the piece.
 */
export function checkPreservation(
  before: readonly string[],
  after: readonly string[],
  declared: readonly string[] = [],
): Preservation {
  const result = searchable(after);
  const said = declared.map((each) => oneLine(each).toLowerCase());
  const saidNumbers = new Set(declared.flatMap((each) => each.match(number) ?? []));
  const preservation: Preservation = { missing: [], dropped: [] };
  for (const piece of distinct(before.flatMap(piecesOf))) {
    if (has(result, piece)) continue;
    const isDeclared =
      piece.kind === "number"
        ? saidNumbers.has(piece.text)
        : said.some((each) => each.includes(oneLine(piece.text).toLowerCase()));
    preservation[isDeclared ? "dropped" : "missing"].push(piece);
  }
  return preservation;
}

/** For example "heading: Before you begin". */
export const sayPiece = ({ kind, text }: Piece): string => `${kind}: ${text.replaceAll("\n", " ⏎ ").slice(0, 120)}`;
