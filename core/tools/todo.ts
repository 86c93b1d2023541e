import * as z from "zod";
import { defineTool } from "./tool.ts";

const statuses = ["pending", "in_progress", "completed", "cancelled"] as const;

const input = z.object({
  todos: z
    .array(
      z.object({
        id: z.string().describe("Short and stable"),
        content: z.string().optional().describe("What to do; required when new"),
        status: z.enum(statuses).optional().describe("Default pending"),
      }),
    )
    .optional()
    .describe("The list, in order"),
  merge: z.boolean().optional().describe("Change only these by id, keep the others"),
});

type Change = NonNullable<z.infer<typeof input>["todos"]>[number];

const storedTodo = z.object({ id: z.string(), content: z.string(), status: z.enum(statuses) });
type Todo = z.infer<typeof storedTodo>;
/** The list is kept in the tool's own results, so it needs no store and follows the session's history. */
const storedResult = z.object({ todos: z.array(storedTodo) });

export const todo = defineTool({
  name: "todo",
  toolset: "todo",
  description:
    "Your task list for work of three or more steps: one in_progress at a time, completed as soon as it is done. Without arguments returns the list.",
  input,
  effect: "write",
  touches: () => ["todo"],
  async run({ todos, merge = false }, context) {
    const previous = storedResult.safeParse(context.previousResult());
    const current = previous.success ? previous.data.todos : [];
    if (todos === undefined) return { todos: current };
    const merged = mergeTodos(merge ? current : [], todos);
    const nameless = merged.find(({ content }) => content === "");
    if (nameless !== undefined) return { error: `Todo ${nameless.id} is new and needs content.`, todos: current };
    return { todos: merged };
  },
});

/** Changes by id, in place; new ones come last. Each id occurs once. */
function mergeTodos(current: readonly Todo[], changes: readonly Change[]): Todo[] {
  const byId = new Map(current.map((item) => [item.id, item]));
  for (const change of changes) {
    const known = byId.get(change.id);
    byId.set(change.id, {
      id: change.id,
      content: change.content?.trim() || (known?.content ?? ""),
      status: change.status ?? known?.status ?? "pending",
    });
  }
  return [...byId.values()];
}
