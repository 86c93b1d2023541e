import { redact } from "../../guard/redact.ts";
import { enterSession } from "../../shells/session.ts";
import type { RunResult } from "../../shells/shell.ts";
import type { ToolContext } from "../tool.ts";

const timeoutMs = 60_000;

/**
 * Runs a script of a file tool where the session's terminal stands, so that both mean the same file by the same
 * relative path. The first line of the output is the script's verdict, the rest its data.
 */
export async function runFileScript(
  context: ToolContext,
  script: string,
  stdin?: string | Uint8Array,
): Promise<RunResult & { verdict: string; data: string }> {
  const workspace = await context.workspace();
  const result = await workspace.run(`${enterSession(context.session)}\n${script}`, {
    timeoutMs,
    signal: context.signal,
    ...(stdin !== undefined && { stdin }),
  });
  const end = result.output.indexOf("\n");
  if (end < 0) return { ...result, verdict: result.output, data: "" };
  return { ...result, verdict: result.output.slice(0, end), data: result.output.slice(end + 1) };
}

/** For an outcome that no verdict names: a time-out, an interrupt, a full disk. */
export function failureOf(action: string, result: RunResult): { error: string } {
  if (result.timedOut) return { error: `${action} took longer than ${timeoutMs / 1000} seconds and was stopped.` };
  if (result.interrupted) return { error: `${action} was interrupted.` };
  // Masked before it is cut, since half a secret is not recognised.
  return { error: `${action} failed: ${redact(result.output).slice(0, 500).trim() || `exit code ${result.exitCode}`}` };
}
