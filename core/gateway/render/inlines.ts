/** A run of text with its markup; what a paragraph, a heading, a list item and a table cell consist of. */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: SpanKind; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] };

export type SpanKind = "strong" | "emphasis" | "strike";

interface Scan {
  source: string;
  depth: number;
  /** Delimiters that were found to have no closing partner further on: keeps unbalanced text linear. */
  unclosed: Set<string>;
}

interface Found {
  inlines: Inline[];
  next: number;
}

type Reader = (scan: Scan, at: number) => Found | undefined;

/** Deeper nesting is printed as it stands: a reply never needs it, and a hostile one must not exhaust the stack. */
const maxDepth = 12;
/** A `[` without its `]` within this many characters is a bracket, not a link. */
const maxLinkText = 1000;

const readersByFirst: Readonly<Record<string, Reader>> = {
  "\\": readEscape,
  "`": readCode,
  "!": readImage,
  "[": readLink,
  "<": readAutolink,
  h: readAddress,
  "*": readSpan,
  _: readSpan,
  "~": readSpan,
};

/**
 * Reads the inline part of CommonMark that agents write: strong, emphasis, strike-through, code, links, images and
 * escapes. Whatever does not close (as in a half-streamed reply) stays text; nothing is ever dropped.
 */
export function parseInlines(source: string, depth = 0): Inline[] {
  const scan: Scan = { source, depth, unclosed: new Set() };
  const inlines: Inline[] = [];
  let textFrom = 0;
  const flushText = (until: number) => {
    if (until > textFrom) inlines.push({ kind: "text", text: source.slice(textFrom, until) });
  };
  for (let at = nextMark(source, 0); at < source.length;) {
    const found = readersByFirst[source.charAt(at)]?.(scan, at);
    if (!found) {
      at = nextMark(source, at + 1);
      continue;
    }
    flushText(at);
    inlines.push(...found.inlines);
    textFrom = found.next;
    at = nextMark(source, textFrom);
  }
  flushText(source.length);
  return inlines;
}

/** The next character that may begin markup; the end of the text when there is none. */
function nextMark(source: string, from: number): number {
  const mark = /[\\`![<*_~]|http/g;
  mark.lastIndex = from;
  return mark.exec(source)?.index ?? source.length;
}

function readEscape({ source }: Scan, at: number): Found | undefined {
  const escaped = source.charAt(at + 1);
  if (!/[!-/:-@[-`{-~]/.test(escaped)) return undefined;
  return { inlines: [{ kind: "text", text: escaped }], next: at + 2 };
}

function readCode({ source, unclosed }: Scan, at: number): Found | undefined {
  const ticks = runAt(source, at);
  const from = at + ticks.length;
  const whole = { inlines: [{ kind: "text" as const, text: ticks }], next: from };
  if (unclosed.has(ticks)) return whole;
  for (let close = source.indexOf(ticks, from); close !== -1; close = source.indexOf(ticks, close)) {
    const run = runAt(source, close);
    if (run.length === ticks.length) {
      const text = source.slice(from, close).replaceAll("\n", " ");
      const inner = /^ .*[^ ].* $/.test(text) ? text.slice(1, -1) : text;
      return { inlines: [{ kind: "code", text: inner }], next: close + ticks.length };
    }
    close += run.length;
  }
  unclosed.add(ticks);
  return whole;
}

function readImage(scan: Scan, at: number): Found | undefined {
  return scan.source.charAt(at + 1) === "[" ? readLink(scan, at + 1) : undefined;
}

function readLink({ source, depth }: Scan, at: number): Found | undefined {
  if (depth >= maxDepth) return undefined;
  const close = closingBracket(source, at);
  if (close === undefined) return undefined;
  const target = /\(\s*<?([^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"\n]*")?\s*\)/y;
  target.lastIndex = close + 1;
  const match = target.exec(source);
  if (!match) return undefined;
  const href = match[1] ?? "";
  const label = source.slice(at + 1, close);
  return {
    inlines: [{ kind: "link", href, children: parseInlines(label || href, depth + 1) }],
    next: target.lastIndex,
  };
}

function closingBracket(source: string, open: number): number | undefined {
  const end = Math.min(source.length, open + maxLinkText);
  let nesting = 0;
  for (let at = open; at < end; at += 1) {
    const character = source.charAt(at);
    if (character === "\\") at += 1;
    else if (character === "[") nesting += 1;
    else if (character === "]" && --nesting === 0) return at;
  }
  return undefined;
}

function readAutolink({ source }: Scan, at: number): Found | undefined {
  const address = /<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/y;
  address.lastIndex = at;
  const href = address.exec(source)?.[1];
  if (href === undefined) return undefined;
  return { inlines: [{ kind: "link", href, children: [{ kind: "text", text: href }] }], next: address.lastIndex };
}

/** A bare address stays as it is: its underscores are not emphasis. */
function readAddress({ source }: Scan, at: number): Found | undefined {
  const address = /https?:\/\/[^\s<>*`[\]()]+/y;
  address.lastIndex = at;
  const text = address.exec(source)?.[0].replace(/[_~]+$/, "");
  return text === undefined ? undefined : { inlines: [{ kind: "text", text }], next: at + text.length };
}

function readSpan(scan: Scan, at: number): Found | undefined {
  const { source, depth } = scan;
  const run = runAt(source, at);
  const delimiter = run.slice(0, 3);
  const from = at + delimiter.length;
  const asText: Found = { inlines: [{ kind: "text", text: run }], next: at + run.length };
  if (run.length > 3 || depth >= maxDepth || !opens(source, at, run) || scan.unclosed.has(delimiter)) return asText;
  const close = findClose(source, delimiter, from);
  if (close === undefined) {
    scan.unclosed.add(delimiter);
    return asText;
  }
  const children = parseInlines(source.slice(from, close), depth + 1);
  return { inlines: [wrap(delimiter, children)], next: close + delimiter.length };
}

function wrap(delimiter: string, children: Inline[]): Inline {
  if (delimiter.startsWith("~")) return { kind: "strike", children };
  if (delimiter.length === 3) return { kind: "strong", children: [{ kind: "emphasis", children }] };
  return { kind: delimiter.length === 2 ? "strong" : "emphasis", children };
}

function opens(source: string, at: number, run: string): boolean {
  const next = source.charAt(at + run.length);
  if (next === "" || /\s/.test(next)) return false;
  if (run.startsWith("~")) return run === "~~";
  return !(run.startsWith("_") && isWordCharacter(source.charAt(at - 1)));
}

/** The position of the delimiter that closes a span opened before `from`; its content is never empty. */
function findClose(source: string, delimiter: string, from: number): number | undefined {
  const mark = delimiter.charAt(0);
  for (let at = from; at < source.length;) {
    const character = source.charAt(at);
    if (character === "\\") at += 2;
    else if (character === "`") at = afterCode(source, at);
    else if (character !== mark) at += 1;
    else {
      const run = runAt(source, at);
      const end = at + run.length;
      if (at > from && closes(source, at, run, delimiter)) return end - delimiter.length;
      at = end;
    }
  }
  return undefined;
}

function closes(source: string, at: number, run: string, delimiter: string): boolean {
  if (/\s/.test(source.charAt(at - 1))) return false;
  if (run.startsWith("_") && isWordCharacter(source.charAt(at + run.length))) return false;
  if (delimiter.length === 1) return run.length === 1 || run.length === 3;
  return run.length >= delimiter.length;
}

/** Code binds tighter than emphasis, so a delimiter inside it closes nothing. */
function afterCode(source: string, at: number): number {
  const ticks = runAt(source, at);
  const close = source.indexOf(ticks, at + ticks.length);
  return close === -1 ? at + ticks.length : close + ticks.length;
}

function runAt(source: string, at: number): string {
  const mark = source.charAt(at);
  let end = at + 1;
  while (source.charAt(end) === mark) end += 1;
  return source.slice(at, end);
}

const isWordCharacter = (character: string) => /[\p{L}\p{N}_]/u.test(character);
