import * as z from "zod";
import type { Json } from "../base/json.ts";
import { redact } from "../guard/redact.ts";
import { failureOf, runFileScript } from "./files/run-script.ts";
import { foundMark, searchScript } from "./files/search-script.ts";
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
    const { complaints, lines } = partsOf(result.data);
    const isWhole = result.exitCode === 0 && complaints === "";
    // One file that cannot be read does not hide what is in the others.
    if (!isWhole && lines.length === 0)
      return failureOf("The search", { ...result, output: result.verdict === "found" ? complaints : result.output });
    return { ...page(lines, first, limit), ...(!isWhole && incomplete(complaints, result.exitCode)) };
  },
});

/** The simulated shell's programs complain where they say what they found. */
function partsOf(data: string): { complaints: string; lines: string[] } {
  const mark = data.indexOf(`${foundMark}\n`);
  const [said, found] = mark < 0 ? [data, ""] : [data.slice(0, mark), data.slice(mark + foundMark.length + 1)];
  const all = found.split("\n").filter((line) => line !== "");
  const isComplaint = (line: string) => /^(rg|grep|find): /.test(line);
  return {
    complaints: [said, ...all.filter(isComplaint)].join("\n").trim(),
    lines: all.filter((line) => !isComplaint(line)),
  };
}

/** One line more than the limit was asked for: its being there says that there is more. */
function page(lines: readonly string[], first: number, limit: number): Record<string, Json> {
  const shown = lines.slice(0, limit).map((line) => cut(line.replace(/^\.\//, "")));
  return {
    count: shown.length,
    results: redact(shown.join("\n")),
    ...(lines.length > limit && { next_offset: first + limit }),
  };
}

const incomplete = (complaints: string, exitCode: number): Record<string, Json> => ({
  error: `Not all was searched: ${redact(complaints).slice(0, maxLineChars) || `exit code ${exitCode}`}`,
});

/** Masked before it is cut, since half a secret is not recognised. */
const cut = (line: string): string =>
  line.length > maxLineChars ? `${redact(line).slice(0, maxLineChars)} […]` : line;
