import * as z from "zod";
import { nearestLines } from "./files/nearest-lines.ts";
import { readWhole } from "./files/read-whole.ts";
import { replaceFile } from "./files/replace-file.ts";
import { replaceText } from "./files/replace-text.ts";
import { unifiedDiff } from "./files/unified-diff.ts";
import { defineTool } from "./tool.ts";

const input = z.object({
  path: z.string().describe("As for read_file"),
  old_string: z.string().min(1).describe("Unique text of the file, with enough lines around it"),
  new_string: z.string().describe("Put in its place; empty deletes"),
  replace_all: z.boolean().optional().describe("Every occurrence instead of the only one"),
});

export const patch = defineTool({
  name: "patch",
  toolset: "file",
  description: "Replace text in a file; returns a diff.",
  input,
  effect: "write",
  touches: ({ path }) => [path],
  async run({ path, old_string: wanted, new_string: replacement, replace_all: all = false }, context) {
    if (wanted === replacement) return { error: "old_string and new_string are the same." };
    const file = await readWhole(context, path);
    if ("error" in file) return file;
    const outcome = replaceText(file.text, { wanted, replacement, all });
    if (outcome.status === "ambiguous") {
      return {
        error: `old_string occurs ${outcome.lines.length} times, at lines ${outcome.lines.slice(0, 10).join(", ")}. Add lines around it or set replace_all.`,
      };
    }
    if (outcome.status === "missing") {
      return { error: `old_string is not in ${path}.`, nearest: nearestLines(file.text, wanted) };
    }
    const written = await replaceFile(context, path, outcome.text);
    if ("error" in written) return written;
    return {
      replacements: outcome.count,
      ...(outcome.note !== undefined && { note: outcome.note }),
      diff: unifiedDiff(path, file.text, outcome.text),
    };
  },
});
