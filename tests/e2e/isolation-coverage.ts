/** Which tools and commands the acts have been through, down to the action of each: what nobody tried proves nothing. */
import * as z from "zod";
import { argumentsOf, type CommandName, commandNames, commandOf } from "../../core/gateway/commands.ts";
import { tools } from "../../core/tools/index.ts";
import { toolDefinition } from "../../core/tools/tool.ts";

const tried = new Set<string>();

/** The actions of a tool that has several, from the schema that the model sees. */
const actionsSchema = z.object({ properties: z.object({ action: z.object({ enum: z.array(z.string()) }) }) });
function actionsOf(name: string): string[] {
  const tool = tools.find((one) => one.name === name);
  const parsed = actionsSchema.safeParse(tool && toolDefinition(tool).parameters);
  return parsed.success ? parsed.data.properties.action.enum : [];
}

export function triedTool(name: string, input: object): void {
  const { action, operations, save_to: target } = input as Readonly<Record<string, unknown>>;
  tried.add(typeof action === "string" ? `${name} ${action}` : name);
  // Two tools in one, each.
  if (operations !== undefined) tried.add(`${name} operations`);
  if (target !== undefined) tried.add(`${name} save_to`);
}

/** Those that have no list of their words, and those that have none. */
const knownWords: Partial<Record<CommandName, readonly string[]>> = { allowed: ["", "forget"], rollback: ["", "diff"] };

/** The words that a command says it understands, as "`/memory` lists …, `search <words>`" or "`/skills [list | log]`". */
function wordsIn(usage: string): string[] {
  const spans = [...usage.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span.replace(/^\/\w+\s*/, ""));
  const plain = spans.map((span) => span.replace(/^\[(.*)\]$/, "$1").replaceAll(/ \[[^\]]*\]/g, ""));
  const firsts = plain.flatMap((span) => span.split(" | ")).map((each) => each.split(/\s/)[0] ?? "");
  return firsts.flatMap((first) => first.split("|")).filter((word) => /^[a-z-]+$/.test(word));
}

/** A message that may be a command, the name of a skill, or neither. */
export function triedMessage(text: string): void {
  const name = commandOf(text);
  const first = argumentsOf(text).split(/\s+/)[0] ?? "";
  if (name !== undefined) tried.add(`/${name}`).add(`/${name} ${first}`.trim());
  else if (text.startsWith("/")) tried.add(text.startsWith("/learn") ? "/learn" : "/<skill>");
}

/** What no act has tried. `usages`: what commands answer to a word that they do not know. `without`: tools that cannot be used here. */
export function untried(usages: Partial<Record<CommandName, string>>, without: readonly string[]): string[] {
  const ofTools = tools.flatMap(({ name }) => {
    const actions = actionsOf(name);
    return actions.length === 0 ? [name] : actions.map((action) => `${name} ${action}`);
  });
  const wordsOf = (name: CommandName) => knownWords[name] ?? ["", ...wordsIn(usages[name] ?? "")];
  const ofCommands = commandNames.flatMap((name) => wordsOf(name).map((word) => `/${name} ${word}`.trim()));
  return [...ofTools, "memory operations", "skill_view save_to", ...ofCommands, "/learn", "/<skill>"]
    .filter((each) => !without.includes(each) && !without.includes(each.split(" ")[0] ?? ""))
    .filter((each) => !tried.has(each));
}
