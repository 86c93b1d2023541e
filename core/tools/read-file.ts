import { posix } from "node:path";
import * as z from "zod";
import type { Json } from "../base/json.ts";
import { pathWord } from "../shells/quote.ts";
import { nearNames } from "./files/near-names.ts";
import { pageOf } from "./files/page.ts";
import { readDocument } from "./files/read-document.ts";
import { failureOf, runFileScript } from "./files/run-script.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const defaultLines = 2000;
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
  description:
    "Read a text file, as it is, without line numbers (secrets masked), or the text of ipynb, docx and xlsx. next_offset is there when more follows.",
  input,
  effect: "read",
  keepsResultWhole: true,
  async run({ path, offset = 1, limit = defaultLines }, context) {
    const first = Math.max(1, Math.floor(offset));
    const count = Math.min(defaultLines, Math.max(1, Math.floor(limit)));
    const document = await readDocument(context, path);
    if (document === undefined) return read(context, { path, first, count });
    if ("error" in document) return document;
    const lines = document.text.split("\n");
    const data = lines.slice(first - 1, first - 1 + count).join("\n");
    const isWhole = first - 1 + count >= lines.length;
    const page = pageOf(isWhole ? data : `${data}\n`, { path, first, newlines: lines.length - 1 });
    return withRepeatNote(
      { ...page, extracted: "The text of the document; it is edited by a program, not by text." },
      context,
    );
  },
});

interface Part {
  path: string;
  first: number;
  count: number;
}

async function read(context: ToolContext, { path, first, count }: Part): Promise<Json> {
  const result = await runFileScript(context, readScript(path, first, count));
  const [verdict, newlines] = result.verdict.split(" ");
  if (result.exitCode !== 0) return failureOf(`Reading ${path}`, result);
  if (verdict === "missing") return missing(path, result.data);
  if (verdict === "folder") return { error: `${path} is a folder. It holds: ${list(result.data)}` };
  if (verdict === "special") return { error: `${path} is not a regular file.` };
  if (verdict === "unreadable") return { error: `${path} may not be read.` };
  if (result.data.includes("\0")) return binary(context, path);
  return withRepeatNote(pageOf(result.data, { path, first, newlines: Number(newlines) }), context);
}

const previousPage = z.looseObject({ content: z.string(), total_lines: z.number() });
/** Short texts are alike without being the same. */
const shortestRepeat = 200;

/** Says so when the model reads again what it was shown by its last call. */
function withRepeatNote(page: { [name: string]: Json }, context: ToolContext): Json {
  const previous = previousPage.safeParse(context.previousResult());
  if (!previous.success || previous.data.content.length < shortestRepeat) return page;
  if (previous.data.content !== page["content"] || previous.data.total_lines !== page["total_lines"]) return page;
  return {
    ...page,
    note: "Word for word what your last read_file call returned: nothing has changed, no need to read it again.",
  };
}

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
