import { codeBlock, field, unquote, type Rule } from "../rule.ts";

const path = String.raw`(?<path>\`[^\`]+\`|"[^"]+"|[\w./~-]*[\w-]\.\w+|[~.]{0,2}/[\w./-]+)`;
const text = String.raw`(?<text>"[\s\S]*"|\`[\s\S]*\`|'[\s\S]*'|“[\s\S]*”|[\s\S]+?)`;

export const readFile: Rule = {
  example: "read notes.txt",
  patterns: [
    new RegExp(
      String.raw`\b(?:read|open|show|display|print|cat)(?: me)?(?: the)?(?: contents? of)?(?: the)?(?: file)? ${path}`,
      "i",
    ),
    new RegExp(String.raw`\bwhat(?:'s| is| does it say)? in(?: the)?(?: file)? ${path}`, "i"),
  ],
  call: (parts) => ({ tool: "read_file", arguments: { path: unquote(parts["path"]) } }),
  answer: (parts, { result }) => {
    const content = field(result, "content", "text", "output") ?? "";
    const name = unquote(parts["path"]);
    return content.trim() ? `\`${name}\` says:\n${codeBlock(content)}` : `\`${name}\` is empty.`;
  },
};

export const writeFile: Rule = {
  example: 'write "buy milk" to notes.txt',
  patterns: [
    new RegExp(
      String.raw`\b(?:write|create|make|save)(?: me)?(?: a| the)?(?: new)?(?: text)?(?: file)?(?: called| named)? ${path}(?: file)?,? (?:with|containing|that says|saying)(?: the)?(?: text| content| words)? ${text}$`,
      "i",
    ),
    new RegExp(
      String.raw`\b(?:write|save|put)(?: the)?(?: text| words)? ${text} (?:to|into|in|as)(?: a| the)?(?: new)?(?: file)?(?: called| named)? ${path}`,
      "i",
    ),
  ],
  call: (parts) => ({
    tool: "write_file",
    arguments: { path: unquote(parts["path"]), content: `${unquote(parts["text"])}\n` },
  }),
  answer: (parts) => `I wrote ${JSON.stringify(unquote(parts["text"]))} to \`${unquote(parts["path"])}\`.`,
};

export const searchFiles: Rule = {
  example: 'search for "budget" in the files',
  patterns: [/\b(?:search|grep|look)(?: the files)? for (?<pattern>"[^"]+"|`[^`]+`|\S+)/i],
  call: ({ pattern }) => ({ tool: "search_files", arguments: { pattern: unquote(pattern) } }),
  answer: ({ pattern }, { result }) => {
    const found = field(result, "results")?.trim();
    const words = `"${unquote(pattern)}"`;
    return found ? `The search for ${words} found:\n${codeBlock(found)}` : `The search for ${words} found nothing.`;
  },
};
