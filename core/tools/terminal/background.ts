import type { Json } from "../../base/json.ts";
import { canRing, startJob } from "../../shells/jobs/jobs.ts";
import type { Workspace } from "../../shells/shell.ts";
import type { ToolContext } from "../tool.ts";
import { endFields, notice, shown, troubleFields, windowChars } from "./result.ts";

export interface BackgroundCommand {
  command: string;
  workdir?: string | undefined;
  seconds: number;
  notifies: boolean;
  watchPatterns: readonly string[];
}

/** Long enough to see that a command does not even start. */
const firstLookMs = 1_000;

const unheard =
  "The machine has no way to call from here: of the end you are told some minutes late, and of what it writes not at all. Look with the process tool.";

/** Starts a command that goes on by itself; returns its name for the process tool. */
export async function runBackground(
  command: BackgroundCommand,
  workspace: Workspace,
  context: ToolContext,
): Promise<Json> {
  if (!workspace.keepsProcesses)
    return {
      error: "This machine has no background processes: every process ends with its command. Run it in the foreground.",
    };
  const { id, url } = context.doorbells.create();
  const notifies = command.notifies || command.watchPatterns.length > 0;
  const look = await startJob(
    workspace,
    {
      id,
      url,
      session: context.session,
      savesSession: false,
      takesInput: true,
      command: command.command,
      workdir: command.workdir,
      timeoutMs: command.seconds * 1000,
      label: command.command,
      notifies,
      watchPatterns: command.watchPatterns,
    },
    { waitMs: Math.min(firstLookMs, context.patienceMs), signal: context.signal },
  );
  if (look.status === "running" && notifies) await context.doorbells.open(id, "tell");
  return {
    process: id,
    status: look.status,
    ...troubleFields(look),
    ...(look.output.totalBytes > 0 && { output: shown(look.output, windowChars).text }),
    ...(look.exitCode !== undefined &&
      endFields({ ...look, exitCode: look.exitCode }, command.command, command.seconds)),
    ...(notifies && !canRing(workspace, url) && { note: unheard }),
    ...notice(workspace),
  };
}
