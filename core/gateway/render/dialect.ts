import { parseMarkdown, type Block, type SpacedBlock } from "./blocks.ts";
import type { Inline, SpanKind } from "./inlines.ts";

/** How one platform writes each kind of markup. Members are handed finished text of the dialect, except where said. */
export interface Dialect {
  /** Raw text, escaped as the dialect needs it. */
  text(raw: string): string;
  span(kind: SpanKind, inner: string): string;
  /** Raw code within a line. */
  code(raw: string): string;
  /** `href` is raw. */
  link(inner: string, href: string): string;
  /** Raw code of a fence; the language may be empty. */
  codeBlock(raw: string, language: string): string;
  quote(inner: string, isNested: boolean): string;
  /** Raw cells without markup: no chat dialect formats within a table. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): string;
  rule: string;
}

/** What encloses the text that is printed: a span is not opened within itself, most dialects cannot nest it. */
interface Surroundings {
  spans: ReadonlySet<SpanKind>;
  isQuoted: boolean;
}

const outside: Surroundings = { spans: new Set(), isQuoted: false };

/** The agent's Markdown in a dialect. */
export const renderIn = (dialect: Dialect, markdown: string): string =>
  printBlocks(dialect, parseMarkdown(markdown), outside);

function printBlocks(dialect: Dialect, blocks: readonly SpacedBlock[], around: Surroundings): string {
  return blocks
    .map((block, index) => (index === 0 ? "" : block.blankBefore ? "\n\n" : "\n") + printBlock(dialect, block, around))
    .join("");
}

function printBlock(dialect: Dialect, block: Block, around: Surroundings): string {
  switch (block.kind) {
    case "paragraph":
      return printInlines(dialect, block.inlines, around);
    case "heading":
      return printSpan(dialect, "strong", block.inlines, around);
    case "code":
      return dialect.codeBlock(block.text, block.language);
    case "quote":
      return dialect.quote(printBlocks(dialect, block.blocks, { ...around, isQuoted: true }), around.isQuoted);
    case "list":
      return block.items
        .map(({ depth, number, inlines }) =>
          `${"  ".repeat(depth)}${dialect.text(number ?? "•")} ${printInlines(dialect, inlines, around)}`.trimEnd(),
        )
        .join("\n");
    case "table":
      return dialect.table(
        block.table.header.map(plainInlines),
        block.table.rows.map((row) => row.map(plainInlines)),
      );
    case "rule":
      return dialect.rule;
  }
}

function printInlines(dialect: Dialect, inlines: readonly Inline[], around: Surroundings): string {
  return inlines.map((inline) => printInline(dialect, inline, around)).join("");
}

function printInline(dialect: Dialect, inline: Inline, around: Surroundings): string {
  switch (inline.kind) {
    case "text":
      return dialect.text(inline.text);
    case "code":
      return dialect.code(inline.text);
    case "link":
      return dialect.link(printInlines(dialect, inline.children, around), inline.href);
    default:
      return printSpan(dialect, inline.kind, inline.children, around);
  }
}

function printSpan(dialect: Dialect, kind: SpanKind, children: readonly Inline[], around: Surroundings): string {
  if (around.spans.has(kind)) return printInlines(dialect, children, around);
  const inner = printInlines(dialect, children, { ...around, spans: new Set([...around.spans, kind]) });
  return inner === "" ? "" : dialect.span(kind, inner);
}

/** A link as text: the address follows unless the label already is the address. */
export const linkAsText = (inner: string, href: string): string =>
  href === "" || inner === href || `mailto:${inner}` === href ? inner : `${inner} (${href})`;

const plainInlines = (inlines: readonly Inline[]): string => inlines.map(plainInline).join("").replaceAll("\n", " ");

function plainInline(inline: Inline): string {
  if (inline.kind === "text" || inline.kind === "code") return inline.text;
  const inner = plainInlines(inline.children);
  return inline.kind === "link" ? linkAsText(inner, inline.href) : inner;
}
