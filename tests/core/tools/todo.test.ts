import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/base/json.ts";
import { todo } from "../../../core/tools/todo.ts";
import { callTool, contextOf } from "./tool-bench.ts";

/** Hands each result on to the next call, as a session does. */
const newList = (first?: Json) => {
  let previous = first;
  return async (input: object) => {
    const result = await callTool(todo, input, contextOf({ previousResult: () => previous }));
    previous = result as Json;
    return result;
  };
};

describe("todo", () => {
  it("starts empty, takes a list and returns it without arguments", async () => {
    const call = newList();
    expect(await call({})).toEqual({ todos: [] });
    const todos = [
      { id: "1", content: "read", status: "in_progress" },
      { id: "2", content: "write", status: "pending" },
    ];
    expect(await call({ todos })).toEqual({ todos });
    expect(await call({})).toEqual({ todos });
  });

  it("replaces the list, or merges by id in place", async () => {
    const call = newList();
    await call({
      todos: [
        { id: "a", content: "one" },
        { id: "b", content: "two" },
      ],
    });
    expect(
      await call({
        todos: [
          { id: "a", status: "completed" },
          { id: "c", content: "three" },
        ],
        merge: true,
      }),
    ).toEqual({
      todos: [
        { id: "a", content: "one", status: "completed" },
        { id: "b", content: "two", status: "pending" },
        { id: "c", content: "three", status: "pending" },
      ],
    });
    expect(await call({ todos: [{ id: "z", content: "only" }] })).toMatchObject({ todos: [{ id: "z" }] });
  });

  it("refuses a new item without content and keeps the list", async () => {
    const call = newList();
    await call({ todos: [{ id: "a", content: "one" }] });
    const result = await call({ todos: [{ id: "b", status: "pending" }], merge: true });
    expect(result).toMatchObject({ error: "Todo b is new and needs content.", todos: [{ id: "a" }] });
    expect(await call({})).toMatchObject({ todos: [{ id: "a" }] });
  });

  it("begins anew when the previous result is not its own", async () => {
    expect(await newList({ error: "something" })({})).toEqual({ todos: [] });
    expect(await newList("text")({})).toEqual({ todos: [] });
  });
});
