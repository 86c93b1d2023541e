import { unquote, type Rule } from "../rule.ts";

export const addTodo: Rule = {
  example: "add buy milk to my todo list",
  patterns: [/\badd (?<item>.+?) to (?:my|the|your) (?:to-?do|task)(?:s| list)?\b/i],
  call: ({ item }) => ({
    tool: "todo",
    arguments: { merge: true, todos: [{ id: unquote(item).slice(0, 40), content: unquote(item), status: "pending" }] },
  }),
  answer: ({ item }) => `"${unquote(item)}" is on the list.`,
};

export const showTodo: Rule = {
  example: "show the todo list",
  patterns: [/\b(?:show|read|what(?:'s| is) on)(?: me)?(?: my| the| your)? (?:to-?do|task)(?:s| list)?\b/i],
  call: () => ({ tool: "todo", arguments: {} }),
  answer: (_parts, { result }) => {
    const { todos = [] } = result as { todos?: { content: string; status: string }[] };
    const lines = todos.map(({ content, status }) => `- ${content} (${status})`);
    return lines.length > 0 ? `The list:\n${lines.join("\n")}` : "The list is empty.";
  },
};
