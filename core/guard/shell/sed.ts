import { unknownMark } from "./simple-command.ts";

const delimited = new Set(["s", "y"]);
/** Commands that take the rest of their line. */
const toEndOfLine = new Set(["a", "i", "c", "r", "R", "w", "W", "e", "b", "t", "T", ":", "#"]);

/** What GNU sed hands to a shell: the text of its command `e`, and what a replacement with the flag `e` makes of a line. */
export function shellTextsOfSed(script: string): string[] {
  const texts: string[] = [];
  for (let at = 0; at < script.length; at++) {
    at = afterAddress(script, at);
    const command = script[at] ?? "";
    if (delimited.has(command)) {
      const parts = partsFrom(script, at + 1);
      if (command === "s" && /^[a-zA-Z0-9]*e/.test(script.slice(parts.end, parts.end + 20)))
        texts.push(parts.second, unknownMark);
      at = parts.end;
      while (/[a-zA-Z0-9]/.test(script[at + 1] ?? "")) at += 1;
    } else if (toEndOfLine.has(command)) {
      const newline = script.indexOf("\n", at);
      const end = newline < 0 ? script.length : newline;
      if (command === "e") texts.push(script.slice(at + 1, end));
      at = end;
    }
  }
  return texts;
}

/** Lines, patterns, steps, and the blanks and brackets around them. */
function afterAddress(script: string, from: number): number {
  let at = from;
  while (at < script.length) {
    const character = script[at]!;
    if (character === "/") at = closing(script, at + 1, "/") + 1;
    else if (character === "\\") at = closing(script, at + 2, script[at + 1] ?? "") + 1;
    else if (/[\s;{}!,$+~\d]/.test(character) || (/[IM]/.test(character) && script[at - 1] === "/")) at += 1;
    else break;
  }
  return at;
}

function partsFrom(script: string, at: number): { second: string; end: number } {
  const delimiter = script[at] ?? "";
  const middle = closing(script, at + 1, delimiter);
  const end = closing(script, middle + 1, delimiter);
  return { second: script.slice(middle + 1, end).replace(/\\([\s\S])/g, "$1"), end: end + 1 };
}

/** The place of the next such character that no backslash stands in front of, or the end. */
function closing(script: string, from: number, delimiter: string): number {
  for (let at = from; at < script.length; at++) {
    if (script[at] === "\\") at += 1;
    else if (script[at] === delimiter) return at;
  }
  return script.length;
}
