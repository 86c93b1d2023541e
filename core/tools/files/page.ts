import type { Json } from "../../base/json.ts";
import { redact } from "../../guard/redact.ts";

const maxLineChars = 2000;
const maxResultChars = 100_000;

interface Page {
  path: string;
  first: number;
  /** Newline characters in the whole file; a last line without one counts too. */
  newlines: number;
}

/** As many lines as fit, long ones cut, secrets masked: the file itself has them still. */
export function pageOf(data: string, { path, first, newlines }: Page): { [name: string]: Json } {
  if (data === "" && first > 1) return { error: `${path} has ${newlines} lines; offset ${first} is behind its end.` };
  const lines = data.split("\n");
  const endsWithNewline = data.endsWith("\n");
  if (lines.at(-1) === "") lines.pop();
  const shown: string[] = [];
  let chars = 0;
  for (const line of lines) {
    const cut = cutLine(line);
    if (chars + cut.length > maxResultChars && shown.length > 0) break;
    chars += cut.length + 1;
    shown.push(cut);
  }
  const next = first + shown.length;
  const hasMore = shown.length < lines.length || next <= newlines;
  const content = shown.join("\n") + (endsWithNewline && shown.length === lines.length ? "\n" : "");
  return { content: redact(content), total_lines: Math.max(newlines, next - 1), ...(hasMore && { next_offset: next }) };
}

/** Masked before it is cut, since half a secret is not recognised. */
const cutLine = (line: string): string =>
  line.length > maxLineChars
    ? `${redact(line).slice(0, maxLineChars)} [… line of ${line.length} characters cut]`
    : line;
