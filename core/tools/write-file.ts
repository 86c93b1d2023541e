import * as z from "zod";
import { replaceFile } from "./files/replace-file.ts";
import { defineTool } from "./tool.ts";

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
  touches: ({ path }) => [path],
  async run({ path, content }, context) {
    const outcome = await replaceFile(context, path, content);
    if ("error" in outcome) return outcome;
    return { path, created: outcome.created, bytes: Buffer.byteLength(content), lines: lineCount(content) };
  },
});

const lineCount = (content: string): number =>
  content === "" ? 0 : content.split("\n").length - (content.endsWith("\n") ? 1 : 0);
