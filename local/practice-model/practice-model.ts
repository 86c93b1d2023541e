import { parseJson } from "../../core/base/json.ts";
import type { Message } from "../../core/conversation/message.ts";
import { readRequests, type Request } from "./requests.ts";
import { codeBlock, field, type Call, type Given } from "./rule.ts";
import { rules } from "./rules.ts";
import { introduction } from "./rules/talk.ts";

/** What the model is shown. */
export interface Prompt {
  system: string;
  messages: readonly Message[];
  /** Names of the tools that are offered. */
  tools: readonly string[];
  /** False for the closing call of a turn that has used up its steps: only text is wanted. */
  mayCall: boolean;
}

/** Exactly one of the two: a tool to call, or the text that ends the turn. */
export type Reply = { call: Call } | { text: string };

/**
 * Follows the requests of the newest turn one after the other: calls the tool of the first that has no result yet,
 * and when all have one, answers them together. It keeps nothing between calls; everything is read from the prompt.
 */
export function reply(prompt: Prompt): Reply {
  const { turn, isFirst } = newestTurn(prompt.messages);
  const requests = turn.flatMap((message) => (message.role === "user" ? readRequests(message.text) : []));
  const results = turn.flatMap((message) => (message.role === "tool" ? [message.content] : []));
  const calling = requests.filter((request) => toolOf(request, prompt) !== undefined);
  const next = calling[results.length];
  if (prompt.mayCall && next?.rule?.call) return { call: next.rule.call(next.parts) };
  const answers = requests.map((request) => answer(request, prompt, results[calling.indexOf(request)]));
  const unknown = requests.length === 0 || requests.some((request) => !request.rule);
  const parts = [...(isFirst ? [introduction] : []), ...answers, ...(unknown ? [abilities()] : [])];
  return { text: parts.join("\n\n") };
}

/** The messages since the last finished reply, and whether there was none before. */
function newestTurn(messages: readonly Message[]): { turn: Message[]; isFirst: boolean } {
  const finished = messages.findLastIndex((message) => message.role === "assistant" && message.toolCalls.length === 0);
  return { turn: messages.slice(finished + 1), isFirst: finished < 0 };
}

/** The tool that a request needs, provided that it is offered. */
function toolOf({ rule, parts }: Request, prompt: Prompt): string | undefined {
  const tool = rule?.call?.(parts).tool;
  return tool && prompt.tools.includes(tool) ? tool : undefined;
}

function answer(request: Request, prompt: Prompt, content: string | undefined): string {
  const { rule, parts } = request;
  if (!rule) return `I do not understand "${request.text}".`;
  if (!rule.call) return rule.answer(parts, { ...given(prompt), result: undefined });
  const { tool } = rule.call(parts);
  if (content === undefined)
    return `I would use the tool \`${tool}\` for "${request.text}", but I may not call it now.`;
  const result = parseJson(content) ?? content;
  return failure(request.text, result) ?? rule.answer(parts, { ...given(prompt), result });
}

/** A sentence about a result that reports a failure; `undefined` for a success. */
function failure(request: string, result: unknown): string | undefined {
  // The runner answers in plain sentences when a tool could not run.
  if (typeof result === "string") return `"${request}" did not go through: ${result}`;
  const { error, exit_code: exitCode } = (result ?? {}) as { error?: unknown; exit_code?: unknown };
  if (error) return `"${request}" failed: ${typeof error === "string" ? error : JSON.stringify(error)}`;
  const unfinished = unfinishedText(request, result);
  if (unfinished !== undefined) return unfinished;
  if (typeof exitCode !== "number" || exitCode === 0) return undefined;
  const output = field(result, "output")?.trim();
  return `"${request}" ended with exit code ${exitCode}${output ? `:\n${codeBlock(output)}` : " and printed nothing."}`;
}

/** A call that has no outcome: it was not allowed to begin, or goes on. */
function unfinishedText(request: string, result: unknown): string | undefined {
  switch (field(result, "status")) {
    case "not allowed":
      return `"${request}" was not run: I asked whether it may, and “${field(result, "answer") ?? ""}” is neither yes nor no.`;
    case "not answered":
      return `"${request}" was not run: I asked whether it may, and nobody answered.`;
    case "running": {
      const output = field(result, "output")?.trim();
      const soFar = output ? ` So far it printed:\n${codeBlock(output)}` : "";
      return `"${request}" still runs, in the background now (process \`${field(result, "process") ?? "?"}\`).${soFar}`;
    }
    default:
      return undefined;
  }
}

function given({ system, messages }: Prompt): Omit<Given, "result"> {
  const saved = messages
    .filter((message) => message.role === "tool")
    .filter(({ content }) => failure("", parseJson(content) ?? content) === undefined)
    .map(({ callId }) => callId);
  const remembered = messages
    .flatMap((message) => (message.role === "assistant" ? message.toolCalls : []))
    .filter(({ id, name }) => name === "memory" && saved.includes(id))
    .map((call) => field(parseJson(call.arguments) ?? {}, "content"))
    .filter((content) => content !== undefined);
  return { system, remembered };
}

const abilities = (): string =>
  `I can follow requests like these:\n${rules.map(({ example }) => `- ${example}`).join("\n")}`;
