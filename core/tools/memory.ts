import * as z from "zod";
import type { Json } from "../base/json.ts";
import { type Target, usageOf } from "../memory/limits.ts";
import { textsOf } from "../memory/note.ts";
import type { Operation } from "../memory/operations.ts";
import { defineTool, type Notebook, type ToolContext } from "./tool.ts";

/** Others write a notebook too (a second conversation, the review); after so many lost races something is wrong. */
const maxAttempts = 5;

/** So many changes of a turn may find the notebook full; then the person's answer matters more than the note. */
const maxOverflows = 3;

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
      const answer = await save(target, wanted, { notebook, context });
      if (answer !== undefined) return answer;
    }
    return { error: "Others kept changing this notebook at the same time. Try once more." };
  },
});

const withAlias = (given: z.infer<typeof operation>): Operation => {
  const alias = given["new_text"];
  return { ...given, content: given.content ?? (typeof alias === "string" ? alias : undefined) };
};

interface Surroundings {
  notebook: Notebook;
  context: ToolContext;
}

/** `undefined` when somebody else wrote first. */
async function save(
  target: Target,
  wanted: readonly Operation[],
  { notebook, context }: Surroundings,
): Promise<Json | undefined> {
  const { entries, version } = await notebook.read();
  const { applyOperations } = await import("../memory/operations.ts");
  const hand = { target, author: notebook.author, now: context.clock.now() };
  const applied = applyOperations(entries, wanted, hand);
  const texts = textsOf(entries);
  const overflows = overflowsOf(context) + (applied.ok || !applied.isFull ? 0 : 1);
  const overflow = overflowOf(context, overflows);
  if (!applied.ok) {
    if (applied.isFull && overflows >= maxOverflows) return skipped(target, texts, overflow);
    return { error: applied.error, usage: usageOf(target, texts), entries: texts, ...overflow };
  }
  const written = await notebook.write(applied.entries, version, { reason: reasonOf(wanted) });
  switch (written.status) {
    case "conflict":
      return undefined;
    case "full":
      return { error: "Not saved: too many changes wait for the person's approval (/memory pending). Go on without." };
    case "staged":
      return { ...success(target, texts, ["It waits for the person's approval (/memory pending)."]), ...overflow };
    case "written": {
      const said = applied.remarks.length > 0 ? applied.remarks : ["Saved."];
      return { ...success(target, textsOf(applied.entries), said), ...overflow };
    }
  }
}

/** How often a change of this turn found the notebook full: kept in the tool's own results, so that it needs no store. */
const counted = z.object({ overflow: z.object({ turn: z.string(), times: z.number() }) });

function overflowsOf({ turn, previousResult }: ToolContext): number {
  const previous = counted.safeParse(previousResult());
  return previous.success && previous.data.overflow.turn === turn ? previous.data.overflow.times : 0;
}

const overflowOf = ({ turn }: ToolContext, times: number) => (times === 0 ? {} : { overflow: { turn, times } });

/** Terminal: a model that goes on tidying keeps the person waiting. */
const skipped = (target: Target, texts: readonly string[], overflow: Record<string, Json>): Json => ({
  success: false,
  done: true,
  target,
  usage: usageOf(target, texts),
  ...overflow,
  note: "Save skipped: the notebook is still full. Do not call this again in this turn; answer the person now.",
});

/** Terminal on purpose, and without the entries: a model that sees them is tempted to write them again. */
const success = (target: Target, texts: readonly string[], what: readonly string[]) => ({
  success: true,
  done: true,
  target,
  usage: usageOf(target, texts),
  entries: texts.length,
  note: `${what.join(" ")} Do not repeat this call.`,
});

const maxReasonChars = 200;

/** For the ledger, where the entries themselves are beside it. */
const reasonOf = (operations: readonly Operation[]): string =>
  operations
    .map(({ action, content, old_text: oldText }) => `${action ?? "nothing"} “${content ?? oldText ?? ""}”`)
    .join(", ")
    .replaceAll(/\s+/g, " ")
    .slice(0, maxReasonChars);
