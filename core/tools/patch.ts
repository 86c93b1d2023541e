import * as z from "zod";
import type { Json } from "../base/json.ts";
import { redact } from "../guard/redact.ts";
import { applyPatch, pathsOf } from "./files/apply-patch.ts";
import { beforeWriting } from "./files/before-writing.ts";
import { maskError, maskIn } from "./files/masks.ts";
import { nearestLines } from "./files/nearest-lines.ts";
import { readWhole } from "./files/read-whole.ts";
import { replaceFile } from "./files/replace-file.ts";
import { replaceText, type Outcome } from "./files/replace-text.ts";
import { touchedFile } from "./files/touched.ts";
import { unifiedDiff } from "./files/unified-diff.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const input = z.object({
  mode: z.enum(["replace", "patch"]).optional().describe("Default replace; patch takes only patch"),
  path: z.string().optional().describe("As for read_file"),
  old_string: z.string().optional().describe("Unique text of the file, with enough lines around it"),
  new_string: z.string().optional().describe("Put in its place; empty deletes"),
  replace_all: z.boolean().optional().describe("Every occurrence instead of the only one"),
  patch: z
    .string()
    .optional()
    .describe("V4A: *** Begin Patch, *** Update/Add/Delete File: path, @@ context, lines with ' ' - +, *** End Patch"),
});

export const patch = defineTool({
  name: "patch",
  toolset: "file",
  description: "Replace text in a file, or patch several files at once; returns a diff.",
  input,
  effect: "write",
  touches: ({ path, patch: text }) => [...(path === undefined ? [] : [path]), ...pathsOf(text ?? "")].map(touchedFile),
  async run({ mode, path, old_string: wanted, new_string: replacement, replace_all: all, patch: text }, context) {
    if (mode === "patch" || (mode === undefined && text !== undefined && wanted === undefined)) {
      return text === undefined ? { error: "mode patch needs patch." } : applyPatch(context, text);
    }
    if (path === undefined || !wanted || replacement === undefined) {
      return { error: "path, old_string (not empty) and new_string are needed." };
    }
    return replace(context, path, { wanted, replacement, all: all ?? false });
  },
});

interface Replacement {
  wanted: string;
  replacement: string;
  all: boolean;
}

async function replace(context: ToolContext, path: string, change: Replacement): Promise<Json> {
  if (change.wanted === change.replacement) return { error: "old_string and new_string are the same." };
  const file = await readWhole(context, path);
  if ("error" in file) return { error: file.error };
  const mask = maskIn(change.wanted, file.text) ?? maskIn(change.replacement, file.text);
  if (mask !== undefined) return maskError(mask, path);
  const outcome = replaceText(file.text, change);
  if (outcome.status !== "replaced") return failure(outcome, path, { text: file.text, ...change });
  if (outcome.text === file.text) return { error: `${path} has the text of new_string there already.` };
  const before = await beforeWriting(context, "patch", [path]);
  if ("error" in before) return before;
  const written = await replaceFile(context, path, outcome.text);
  if ("error" in written) return written;
  return {
    replacements: outcome.count,
    ...(outcome.note !== undefined && { note: outcome.note }),
    diff: redact(unifiedDiff(path, file.text, outcome.text)),
    ...before.told,
  };
}

function failure(
  outcome: Exclude<Outcome, { status: "replaced" }>,
  path: string,
  { text, wanted, all }: Replacement & { text: string },
): Json {
  if (outcome.status === "missing") {
    return { error: `old_string is not in ${path}.`, nearest: nearestLines(text, wanted).map(redact) };
  }
  const { lines, isExact } = outcome;
  const where = `${lines.length} times, at lines ${lines.slice(0, 10).join(", ")}`;
  if (isExact) return { error: `old_string occurs ${where}. Add lines around it or set replace_all.` };
  const advice = all ? "replace_all takes only exact occurrences" : "add lines around it";
  return { error: `old_string is not there word for word, but nearly so ${where}: copy it exactly, or ${advice}.` };
}
