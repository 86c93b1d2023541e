import * as z from "zod";
import { beforeWriting } from "./files/before-writing.ts";
import { maskError, maskIn } from "./files/masks.ts";
import { readWhole } from "./files/read-whole.ts";
import { replaceFile } from "./files/replace-file.ts";
import { touchedFile } from "./files/touched.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const input = z.object({
  path: z.string().describe("Relative to the current folder, absolute, or ~/…"),
  content: z.string().describe("The whole file"),
});

export const writeFile = defineTool({
  name: "write_file",
  toolset: "file",
  description:
    "Create or overwrite a text file in the workspace; makes parent folders. To change part of a file use patch.",
  input,
  effect: "write",
  touches: ({ path }) => [touchedFile(path)],
  async run({ path, content }, context) {
    const before = await beforeWriting(context, "write_file", [path]);
    if ("error" in before) return before;
    const mask = await maskOfOld(context, path, content);
    if (mask !== undefined) return maskError(mask, path);
    const outcome = await replaceFile(context, path, content);
    if ("error" in outcome) return outcome;
    const size = { bytes: Buffer.byteLength(content), lines: lineCount(content) };
    return { path, created: outcome.created, ...size, ...before.told };
  },
});

/** The file is only looked at where the new content could hold a mask. */
async function maskOfOld(context: ToolContext, path: string, content: string): Promise<string | undefined> {
  if (!/…|\*\*\*/.test(content)) return undefined;
  const old = await readWhole(context, path);
  return "text" in old ? maskIn(content, old.text) : undefined;
}

const lineCount = (content: string): number =>
  content === "" ? 0 : content.split("\n").length - (content.endsWith("\n") ? 1 : 0);
