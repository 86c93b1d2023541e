import type { Rule } from "./rule.ts";
import { readFile, searchFiles, writeFile } from "./rules/files.ts";
import { recall, remember } from "./rules/memory.ts";
import { countFiles, listFiles, runPlain, runQuoted } from "./rules/shell.ts";
import { arithmetic, greet, repeat, today } from "./rules/talk.ts";
import { addTodo, showTodo } from "./rules/todo.ts";

/** The first rule that matches a request is followed, so the more particular come first. */
export const rules: readonly Rule[] = [
  runQuoted,
  recall,
  remember,
  writeFile,
  addTodo,
  showTodo,
  countFiles,
  listFiles,
  readFile,
  searchFiles,
  runPlain,
  today,
  arithmetic,
  repeat,
  greet,
];
