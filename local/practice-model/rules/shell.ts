import { codeBlock, field, unquote, type Rule } from "../rule.ts";

const quote = (path: string): string =>
  /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;

/** "." for the current directory, which people name in several ways or not at all. */
const folder = (path: string | undefined): string =>
  !path || /^(?:the|this|my|current|here|there|total|all|workspace)$/i.test(path) ? "." : unquote(path);

const called = (path: string): string => (path === "." ? "the current directory" : `\`${path}\``);

const inFolder = String.raw`(?:\s+(?:are\s+)?(?:there\s+)?(?:in|of|under)\s+(?:the |this |my )?(?:current |working )?(?:directory|folder)?\s*(?<path>\`[^\`]+\`|[\w./~-]*))?`;

const countCommand = (path: string): string => `find ${quote(path)} -maxdepth 1 -type f | wc -l`;

/** A command between backticks or in a code block is taken as it stands, whatever is said around it. */
export const runQuoted: Rule = {
  example: "run `ls -la`",
  patterns: [
    /\b(?:run|execute|try|shell|terminal)\b[^`]*```(?:\w*\n)?(?<command>[\s\S]+?)```/i,
    /\b(?:run|execute|try|shell|terminal)\b[^`]*`(?<command>[^`]+)`/i,
    /^`(?<command>[^`]+)`$/,
    /^\$ (?<command>.+)$/s,
  ],
  call: ({ command = "" }) => ({ tool: "terminal", arguments: { command: command.trim() } }),
  answer: ({ command = "" }, { result }) => describeRun(command.trim(), result),
};

/** Words after "use the shell to" that start a command; anything else is English, and would only fail. */
const programs =
  "ls|pwd|echo|cat|date|uname|whoami|find|grep|wc|head|tail|df|du|env|sort|mkdir|touch|cp|mv|rm|node|python3?|git|curl|ba?sh|seq|printf|hostname|ps|id|true|false|test|sleep";

export const runPlain: Rule = {
  example: "use the shell to uname -a",
  patterns: [
    /^(?:run|execute)(?: the)?(?: command)?:? (?<command>\S.*)$/is,
    new RegExp(String.raw`\b(?:shell|terminal) to (?:run |execute )?(?<command>(?:${programs})\b.*)$`, "is"),
  ],
  call: ({ command = "" }) => ({ tool: "terminal", arguments: { command: command.trim() } }),
  answer: runQuoted.answer,
};

export const countFiles: Rule = {
  example: "how many files are in the current directory?",
  patterns: [
    new RegExp(String.raw`\bhow many files(?: are| do)?(?: there| you see| I have)?${inFolder}`, "i"),
    new RegExp(String.raw`\bcount (?:all )?(?:the |my )?files${inFolder}`, "i"),
  ],
  call: ({ path }) => ({ tool: "terminal", arguments: { command: countCommand(folder(path)) } }),
  answer: ({ path }, { result }) => {
    const count = field(result, "output")?.trim() ?? "?";
    const are = count === "1" ? "is 1 file" : `are ${count} files`;
    return `There ${are} in ${called(folder(path))} (counted with \`${countCommand(folder(path))}\`).`;
  },
};

export const listFiles: Rule = {
  example: "list the files in src",
  patterns: [
    new RegExp(
      String.raw`\b(?:list|show)(?: me)?(?: all)?(?: the| my)? (?:files|directory|folder|contents)${inFolder}`,
      "i",
    ),
    new RegExp(String.raw`\b(?:which|what) files (?:are|do)(?: there| you see| I have)?${inFolder}`, "i"),
  ],
  call: ({ path }) => ({ tool: "terminal", arguments: { command: `ls -la ${quote(folder(path))}` } }),
  answer: ({ path }, { result }) => {
    const listing = field(result, "output")?.trim();
    return listing ? `In ${called(folder(path))}:\n${codeBlock(listing)}` : `${called(folder(path))} is empty.`;
  },
};

function describeRun(command: string, result: unknown): string {
  const output = field(result, "output")?.trim();
  return output ? `\`${command}\` printed:\n${codeBlock(output)}` : `\`${command}\` ran and printed nothing.`;
}
