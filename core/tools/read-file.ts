import { posix } from "node:path";
import * as z from "zod";
import type { Json } from "../base/json.ts";
import { nearNames } from "./files/near-names.ts";
import { pathWord } from "../shells/quote.ts";
import { failureOf, runFileScript } from "./files/run-script.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const defaultLines = 2000;
const maxLineChars = 2000;
const maxResultChars = 100_000;
/** Bytes read for one result: enough for the largest one in UTF-8 with all its lines cut. */
const maxBytes = 1_000_000;

const input = z.object({
  path: z.string().describe("Relative to the current folder, absolute, or ~/…"),
  offset: z.number().optional().describe("First line, from 1"),
  limit: z.number().optional().describe(`Lines, max ${defaultLines}`),
});

export const readFile = defineTool({
  name: "read_file",
  toolset: "file",
  description: "Read a text file, as it is, without line numbers. next_offset is there when more follows.",
  input,
  effect: "read",
  keepsResultWhole: true,
  async run({ path, offset = 1, limit = defaultLines }, context) {
    const first = Math.max(1, Math.floor(offset));
    const count = Math.min(defaultLines, Math.max(1, Math.floor(limit)));
    const result = await runFileScript(context, readScript(path, first, count));
    const [verdict, newlines] = result.verdict.split(" ");
    if (result.exitCode !== 0) return failureOf(`Reading ${path}`, result);
    if (verdict === "missing") return missing(path, result.data);
    if (verdict === "folder") return { error: `${path} is a folder. It holds: ${list(result.data)}` };
    if (verdict === "special") return { error: `${path} is not a regular file.` };
    if (verdict === "unreadable") return { error: `${path} may not be read.` };
    if (result.data.includes("\0")) return binary(context, path);
    return page(result.data, { path, first, newlines: Number(newlines) });
  },
});

/** The number of lines is that of newline characters. */
const readScript = (path: string, first: number, count: number): string => `
f=${pathWord(path)}
if [ -d "$f" ]; then echo folder; ls -A "$f" | head -n 200; exit 0; fi
if [ ! -e "$f" ]; then echo missing; ls -A "$(dirname "$f")" 2>/dev/null | head -n 1000; exit 0; fi
if [ ! -f "$f" ]; then echo special; exit 0; fi
if [ ! -r "$f" ]; then echo unreadable; exit 0; fi
newlines=$(wc -l < "$f")
echo text $newlines
tail -n +${first} "$f" | head -n ${count} | head -c ${maxBytes}
exit 0`;

async function binary(context: ToolContext, path: string): Promise<Json> {
  const script = `f=${pathWord(path)}; size=$(wc -c < "$f"); echo $size; file -b "$f" 2>/dev/null || echo unknown type`;
  const { verdict: size, data: type } = await runFileScript(context, script);
  return { error: `${path} is binary (${size} bytes, ${type.trim()}): not shown.` };
}

const list = (data: string): string => data.trim().split("\n").join(", ") || "nothing";

function missing(path: string, names: string): Json {
  const folder = posix.dirname(path);
  const near = nearNames(posix.basename(path), names.split("\n").filter(Boolean));
  const known = near.map((name) => (folder === "." ? name : posix.join(folder, name)));
  return { error: `${path} does not exist.`, ...(known.length > 0 && { similar: known }) };
}

interface Page {
  path: string;
  first: number;
  /** Newline characters in the whole file; a last line without one counts too. */
  newlines: number;
}

/** As many lines as fit, long ones cut. */
function page(data: string, { path, first, newlines }: Page): Json {
  if (data === "" && first > 1) return { error: `${path} has ${newlines} lines; offset ${first} is behind its end.` };
  const lines = data.split("\n");
  const endsWithNewline = data.endsWith("\n");
  if (lines.at(-1) === "") lines.pop();
  const shown: string[] = [];
  let chars = 0;
  for (const line of lines) {
    const cut =
      line.length > maxLineChars ? `${line.slice(0, maxLineChars)} [… line of ${line.length} characters cut]` : line;
    if (chars + cut.length > maxResultChars && shown.length > 0) break;
    chars += cut.length + 1;
    shown.push(cut);
  }
  const next = first + shown.length;
  const hasMore = shown.length < lines.length || next <= newlines;
  const content = shown.join("\n") + (endsWithNewline && shown.length === lines.length ? "\n" : "");
  return { content, total_lines: Math.max(newlines, next - 1), ...(hasMore && { next_offset: next }) };
}
