import type { Parts, Rule } from "./rule.ts";
import { rules } from "./rules.ts";
import { ownWords } from "./rules/ours.ts";

/** One thing that the person asked for. */
export interface Request {
  text: string;
  /** `undefined` when no rule understands it. */
  rule: Pick<Rule, "call" | "answer"> | undefined;
  parts: Parts;
}

/** Text in quotes, backticks or code blocks is never split (it is a command or the content of a file): marks hold its place meanwhile. */
const quoted = /```[\s\S]*?```|`[^`]*`|"[^"]*"|“[^”]*”/g;
const borders =
  /(?<=[.!?;])\s+|(?<!:)\n+|,? (?:and )?then |,? and (?=(?:run|execute|list|read|show|write|create|remember|count|search|tell|say|add|what|how)\b)/i;
/** Parts of a message that say how, or are merely polite. */
const asides = /^(?:please )?(?:use (?:the|your) (?:shell|terminal|tools?)|thanks?(?: you)?|please|ok(?:ay)?)$/i;

const politeness = /^(?:(?:please|now|also|and|then|can you|could you|would you|will you)[ ,]+)+/i;

/** In a group each message begins with its sender. */
const sender = /^\[[^\]\n]{1,80}\] */;

/** The requests in a message, in order. */
export function readRequests(message: string): Request[] {
  const ours = understandOwn(message);
  if (ours) return [ours];
  const kept: string[] = [];
  const masked = message.replace(sender, "").replaceAll(quoted, (piece) => `\uE000${kept.push(piece) - 1}\uE001`);
  return masked
    .split(borders)
    .map((piece) => piece.replaceAll(/\uE000(\d+)\uE001/g, (_all, index: string) => kept[Number(index)] ?? ""))
    .map((piece) =>
      piece
        .trim()
        .replace(/(?<=[\w"'`)”])[.!?;,]+$/, "")
        .replace(politeness, ""),
    )
    .filter((piece) => piece && !asides.test(piece))
    .map(understand);
}

/** What Talaria said in the person's place is never split. */
function understandOwn(message: string): Request | undefined {
  for (const rule of ownWords) {
    const match = rule.pattern.exec(message);
    if (match) return { text: message, rule, parts: match.groups ?? {} };
  }
  return undefined;
}

function understand(text: string): Request {
  for (const rule of rules) {
    for (const pattern of rule.patterns) {
      const match = pattern.exec(text);
      if (match) return { text, rule, parts: match.groups ?? {} };
    }
  }
  return { text, rule: undefined, parts: {} };
}
