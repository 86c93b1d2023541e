import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import type { Json } from "../base/json.ts";
import { runInSession, type SessionResult } from "../shells/session.ts";
import type { Workspace } from "../shells/shell.ts";
import { saveText } from "./spill.ts";
import { meaningOf } from "./terminal/exit-codes.ts";
import { refusalOf } from "./terminal/guard.ts";
import { windowOf } from "./terminal/window.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const defaultSeconds = 180;
const maxSeconds = 600;
/** What the model is shown of one command's output, in characters. */
const windowChars = 50_000;
/** What is kept of it in the workspace. */
const maxSavedChars = 5_000_000;

const input = z.object({
  command: z.string().min(1).describe("Bash script"),
  timeout: z.number().optional().describe(`Seconds, default ${defaultSeconds}, max ${maxSeconds}`),
  workdir: z.string().optional().describe("Run in this folder, this once"),
});

export const terminal = defineTool({
  name: "terminal",
  toolset: "terminal",
  description:
    "Run a bash command on your machine; returns output (stdout and stderr) and exit_code. " +
    "Current folder, exported variables and functions persist between commands. " +
    "Commands are not interactive, and every process ends with its command.",
  input,
  effect: "outward",
  async run({ command, timeout = defaultSeconds, workdir }, context) {
    const error = timeoutError(timeout) ?? refusalOf(command);
    if (error !== undefined) return { error };
    const workspace = await context.workspace();
    const result = await runInSession(workspace, {
      session: context.session,
      command,
      workdir,
      timeoutMs: timeout * 1000,
      signal: context.signal,
    });
    return {
      ...(await shownOutput(result, workspace, context)),
      exit_code: result.exitCode,
      ...meaning(result, command, timeout),
      ...(result.cwdChanged && result.cwd !== undefined && { cwd: result.cwd }),
    };
  },
});

function timeoutError(seconds: number): string | undefined {
  if (!(seconds > 0)) return "timeout must be a positive number of seconds.";
  if (seconds <= maxSeconds) return undefined;
  return `timeout is at most ${maxSeconds} seconds. Split the work into shorter commands that continue where the last one ended.`;
}

function meaning({ exitCode, timedOut }: SessionResult, command: string, seconds: number): Record<string, string> {
  if (timedOut) {
    return {
      exit_code_meaning: `timed out after ${seconds} s: the command was killed with everything it started; cwd and variables are as before it`,
    };
  }
  const text = meaningOf(exitCode, command);
  return text === undefined ? {} : { exit_code_meaning: text };
}

/** The output without colours; when it is too long its two ends, and the path of the whole in the workspace. */
async function shownOutput(
  result: SessionResult,
  workspace: Workspace,
  context: ToolContext,
): Promise<{ [name: string]: Json }> {
  const text = stripVTControlCharacters(result.output);
  if (text.length <= windowChars && result.droppedBytes === 0) return { output: text };
  const saved = windowOf(text, maxSavedChars);
  // A full disk does not take it; what there is to show is still worth returning.
  const path = await saveText(workspace, context.callId, saved).catch(() => undefined);
  const missing = result.droppedBytes > 0 ? `; ${result.droppedBytes} bytes of the middle were never kept` : "";
  return {
    output: windowOf(text, windowChars),
    output_total_chars: text.length,
    ...(path !== undefined && { full_output_path: path }),
    truncation_note: `The middle is left out${missing}.${path === undefined ? "" : " Read or search full_output_path instead of running this again."}`,
  };
}
