import type { Json } from "../../base/json.ts";
import { quote } from "../../shells/quote.ts";
import type { Workspace } from "../../shells/shell.ts";
import { askForPermission, permissionState, permitted } from "../permission/ask.ts";
import type { ToolContext, Waiting, Wake } from "../tool.ts";

const pythonText = /("""|''')([\s\S]*?)\1|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/g;

/**
 * What a program may hand to a shell, as a script for the command guard: its texts, one a line, those of a list joined
 * (`["git", "push"]`). A net, not a wall: a command that is put together out of pieces goes through. Commands that it
 * gives to the terminal are guarded there once more.
 */
export function commandsIn(code: string): string {
  const lines: string[] = [];
  let end = 0;
  for (const match of code.matchAll(pythonText)) {
    const text = match[2] ?? match[3] ?? match[4] ?? "";
    const isNext = lines.length > 0 && /^\s*,\s*$/.test(code.slice(end, match.index));
    lines.push(isNext ? `${lines.pop()} ${text}` : text);
    end = match.index + match[0].length;
  }
  return lines.join("\n");
}

/** First as the program that it is (what it sends, deletes or starts), then each of its texts as a command. */
export const judgedAs = (code: string): string => `python3 -c ${quote(code)}\n${commandsIn(code)}`;

/** `undefined` when the program may run; else what is returned instead of running it. */
export async function objectionTo(
  code: string,
  workspace: Workspace,
  context: ToolContext,
): Promise<Json | Waiting | undefined> {
  if (code.includes("\0")) return { error: "Not run: a program cannot contain the NUL character." };
  const permission = await context.permissions.of(judgedAs(code), workspace);
  if (permission.verdict === "allow") return undefined;
  if (permission.verdict === "refuse") return { error: `Not run: ${permission.reason}` };
  return askForPermission({ command: code, lead: "May I run this program?" }, permission, context);
}

/** What the person's answer means: `undefined` when the program may run now. */
export async function objectionAfter(state: Json, wake: Wake, context: ToolContext): Promise<Json | undefined> {
  const answer = await permitted(permissionState.parse(state).rules, wake, context);
  return answer.goesOn ? undefined : answer.result;
}
