import { describe, expect, it } from "vitest";
import { memory } from "../../../core/tools/memory.ts";
import { patch } from "../../../core/tools/patch.ts";
import { readFile } from "../../../core/tools/read-file.ts";
import { searchFiles } from "../../../core/tools/search-files.ts";
import { terminal } from "../../../core/tools/terminal.ts";
import { todo } from "../../../core/tools/todo.ts";
import { toolDefinition } from "../../../core/tools/tool.ts";
import { writeFile } from "../../../core/tools/write-file.ts";

const tools = [terminal, readFile, writeFile, patch, searchFiles, todo, memory];
/** JSON Schema in English is about four characters a token with the tokenizers of today. */
const charsPerToken = 4;

describe("what the model is told of the core tools", () => {
  it("costs under 1,600 tokens altogether", () => {
    const sizes = tools.map((tool) => ({ name: tool.name, chars: JSON.stringify(toolDefinition(tool)).length }));
    const tokens = Math.ceil(sizes.reduce((sum, { chars }) => sum + chars, 0) / charsPerToken);
    console.log(
      `core tools: ${tokens} tokens (${sizes.map(({ name, chars }) => `${name} ${Math.ceil(chars / charsPerToken)}`).join(", ")})`,
    );
    expect(tokens).toBeLessThan(1_600);
  });

  it.each(tools)("is a plain object schema for $name, every field described", (tool) => {
    const { parameters } = toolDefinition(tool);
    expect(parameters["type"]).toBe("object");
    const properties = parameters["properties"] as Record<string, { description?: string }>;
    expect(Object.entries(properties).filter(([, field]) => !field.description)).toEqual([]);
  });

  it.each(tools)("names no tool of another toolset in $name", (tool) => {
    const strangers = tools.filter(({ toolset }) => toolset !== tool.toolset).map(({ name }) => name);
    const words: string[] = JSON.stringify(toolDefinition(tool)).match(/\w+/g) ?? [];
    expect(strangers.filter((name) => words.includes(name))).toEqual([]);
  });

  it("says which repeat harmlessly and which do not", () => {
    expect(Object.fromEntries(tools.map(({ name, effect }) => [name, effect]))).toEqual({
      terminal: "outward",
      read_file: "read",
      write_file: "write",
      patch: "write",
      search_files: "read",
      todo: "write",
      memory: "write",
    });
  });
});
