/** The named groups of the pattern that matched. */
export type Parts = Readonly<Record<string, string | undefined>>;

export interface Call {
  tool: string;
  arguments: Record<string, unknown>;
}

/** What an answer may be made from. */
export interface Given {
  /** The tool's result: parsed JSON, or the text itself when it is none; `undefined` for a rule without a call. */
  result: unknown;
  /** The system prompt: date, memory. */
  system: string;
  /** What the memory tool has saved in this conversation, which the system prompt does not show yet. */
  remembered: readonly string[];
}

/** One kind of request that the practice model understands. */
export interface Rule {
  /** How a person would ask for it: shown in the list of what the model can do. */
  example: string;
  /** Tried in order against one request. */
  patterns: readonly RegExp[];
  /** The tool call that the request needs; absent when it can be answered at once. */
  call?: (parts: Parts) => Call;
  /** The answer in Markdown. A result that reports a failure never gets here. */
  answer: (parts: Parts, given: Given) => string;
}

/** A field of a tool's result, as text. */
export const field = (result: unknown, ...names: string[]): string | undefined => {
  if (typeof result === "string") return result;
  const record = (result ?? {}) as Record<string, unknown>;
  const value = names.map((name) => record[name]).find((candidate) => candidate !== undefined && candidate !== null);
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
};

/** Text as a Markdown code block whose fence is longer than any inside. */
export function codeBlock(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.replace(/\n+$/, "")}\n${fence}`;
}

/** Without the quotes, backticks and closing stop that a person puts around a name or text. */
export const unquote = (text = ""): string => {
  const trimmed = text.trim();
  const quoted = /^(["'`“])([\s\S]*)(["'`”])[.!]?$/.exec(trimmed);
  return quoted?.[2] ?? trimmed;
};
