import * as z from "zod";
import type { Json } from "../base/json.ts";
import { redact } from "../guard/redact.ts";
import { failureOf, runFileScript } from "./files/run-script.ts";
import { searchScript } from "./files/search-script.ts";
import { defineTool } from "./tool.ts";

const defaultLimit = 50;
const maxLimit = 1_000;
const maxLineChars = 500;

const input = z.object({
  pattern: z.string().min(1).describe("Regex; for files a name glob"),
  target: z.enum(["content", "files"]).optional().describe("Default content"),
  path: z.string().optional().describe("Folder or file, default the current folder"),
  file_glob: z.string().optional().describe("Only files with such names, like *.ts"),
  limit: z.number().optional().describe(`Result lines, default ${defaultLimit}`),
  offset: z.number().optional().describe("Result lines to skip"),
  output_mode: z.enum(["content", "files_only", "count"]).optional().describe("Lines, paths, or counts per file"),
  context: z.number().optional().describe("Lines around a match"),
});

export const searchFiles = defineTool({
  name: "search_files",
  toolset: "file",
  description: "Search file contents, or find files by name. next_offset is there when there is more.",
  input,
  effect: "read",
  async run(search, context) {
    const first = Math.max(0, Math.floor(search.offset ?? 0));
    const limit = Math.min(maxLimit, Math.max(1, Math.floor(search.limit ?? defaultLimit)));
    const result = await runFileScript(context, searchScript(search, first, limit + 1));
    if (result.verdict === "missing") return { error: `${search.path} does not exist.` };
    // The simulated shell's programs complain without an exit code.
    const isComplaint = result.exitCode !== 0 || /^(rg|grep|find): /.test(result.data);
    if (isComplaint) return failureOf("The search", { ...result, output: result.data || result.output });
    return page(result.data, first, limit);
  },
});

/** One line more than the limit was asked for: its being there says that there is more. */
function page(data: string, first: number, limit: number): Json {
  const lines = data.split("\n").filter((line) => line !== "");
  const shown = lines.slice(0, limit).map((line) => cut(line.replace(/^\.\//, "")));
  return {
    count: shown.length,
    results: redact(shown.join("\n")),
    ...(lines.length > limit && { next_offset: first + limit }),
  };
}

/** Masked before it is cut, since half a secret is not recognised. */
const cut = (line: string): string =>
  line.length > maxLineChars ? `${redact(line).slice(0, maxLineChars)} […]` : line;
