import { field, unquote, type Parts, type Rule } from "../rule.ts";

/** What is said about the person goes to their own notebook. */
const target = (content: string): "user" | "memory" =>
  /\b(?:I|I'm|I'll|me|my|mine)\b/i.test(content) ? "user" : "memory";

const content = (parts: Parts): string => unquote(parts["content"]).replace(/[.!]$/, "");

export const remember: Rule = {
  example: "remember that I like tea",
  patterns: [/\b(?:remember|note|keep in mind)(?: that|:)? (?<content>\S.*)$/is],
  call: (parts) => ({
    tool: "memory",
    arguments: { action: "add", target: target(content(parts)), content: content(parts) },
  }),
  answer: (parts, { result }) =>
    /waits for the person's approval/.test(field(result, "note") ?? "")
      ? `I noted it, and it waits for your approval (\`/memory pending\`): ${content(parts)}.`
      : `I will remember: ${content(parts)}.`,
};

export const recall: Rule = {
  example: "what do you remember about me?",
  patterns: [/\bwhat (?:do|can) you (?:remember|know)\b/i, /\bdo you remember (?:me|anything|what)\b/i],
  answer: (_parts, { system, remembered }) => {
    const entries = [...new Set([...memoryEntries(system), ...remembered])];
    return entries.length > 0
      ? `I remember:\n${entries.map((entry) => `- ${entry}`).join("\n")}`
      : "I remember nothing yet.";
  },
};

/** A notebook as core/agent/prompt.ts shows it: a title, a rule, and the entries up to the next section. */
const notebook =
  /^(?:MEMORY|USER PROFILE) \(.*\n═+\n(?<entries>[\s\S]*?)(?=\n\n(?:═|# |The session began)|$(?![\s\S]))/gm;

const memoryEntries = (system: string): string[] =>
  [...system.matchAll(notebook)].flatMap((match) => (match.groups?.["entries"] ?? "").split("\n§\n"));
