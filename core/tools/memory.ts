import * as z from "zod";
import type { Json } from "../base/json.ts";
import { usageOf } from "./memory/notebook.ts";
import { applyOperations, type Operation } from "./memory/operations.ts";
import { defineTool } from "./tool.ts";

/** Others write a notebook too (a second conversation, the review); after so many lost races something is wrong. */
const maxAttempts = 5;

/** Loose, because models like to call the content of a replacement \`new_text\`; the schema need not say so. */
const operation = z.looseObject({
  action: z.enum(["add", "replace", "remove"]).optional().describe("Unless operations are given"),
  content: z.string().optional().describe("The entry to add or to put in its place"),
  old_text: z.string().optional().describe("Unique part of the entry to replace or remove"),
});

const input = operation.extend({
  target: z.enum(["memory", "user"]).describe("Which notebook"),
  operations: z.array(operation).optional().describe("Several at once, all or none"),
});

export const memory = defineTool({
  name: "memory",
  toolset: "memory",
  description:
    "Save what stays true: target user for who the person is and what they like, memory for facts of the environment and lessons. " +
    "Short declarative entries; you see them at the start of each session.",
  input,
  effect: "write",
  touches: ({ target }) => [`memory:${target}`],
  async run({ target, operations, ...single }, context) {
    const wanted = (operations ?? [single]).map(withAlias);
    const notebook = context.notebooks[target];
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const { entries, version } = await notebook.read();
      const applied = applyOperations(target, entries, wanted);
      if ("error" in applied) return { error: applied.error, usage: usageOf(target, entries), entries };
      if (isSame(applied.entries, entries)) return success(target, entries, "It was there already.");
      if (await notebook.write(applied.entries, version)) return success(target, applied.entries, "Saved.");
    }
    return { error: "Others kept changing this notebook at the same time. Try once more." };
  },
});

const withAlias = (given: z.infer<typeof operation>): Operation => {
  const alias = given["new_text"];
  return { ...given, content: given.content ?? (typeof alias === "string" ? alias : undefined) };
};

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((entry, at) => entry === b[at]);

/** Terminal on purpose, and without the entries: a model that sees them is tempted to write them again. */
const success = (target: "memory" | "user", entries: readonly string[], what: string): Json => ({
  success: true,
  done: true,
  target,
  usage: usageOf(target, entries),
  entries: entries.length,
  note: `${what} Do not repeat this call.`,
});
