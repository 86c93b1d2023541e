import * as z from "zod";
import type { Json } from "../base/json.ts";
import { changesFiles } from "../shells/checkpoints/changes-files.ts";
import { checkpoint } from "../shells/checkpoints/checkpoint.ts";
import { quote } from "../shells/quote.ts";
import type { Workspace } from "../shells/shell.ts";
import { askForPermission, permissionState, permitted } from "./permission/ask.ts";
import { runBackground } from "./terminal/background.ts";
import { jobState, resumeForeground, runForeground } from "./terminal/foreground.ts";
import { refusalOf } from "./terminal/guard.ts";
import { defineTool, type ToolContext, Waiting } from "./tool.ts";

const defaultSeconds = 180;
/** Where the call has to hold its step while the command runs. */
const maxHeldSeconds = 600;
/** Where it only waits: that costs nothing. */
const maxSeconds = 24 * 3600;
const maxBackgroundSeconds = 7 * 24 * 3600;

const input = z.object({
  command: z.string().min(1).describe("Bash script"),
  timeout: z.number().optional().describe(`Seconds, default ${defaultSeconds}; a command may take hours`),
  workdir: z.string().optional().describe("Run in this folder, this once"),
  background: z.boolean().optional().describe("Return at once with a process id; for servers and watchers"),
  notify_on_complete: z.boolean().optional().describe("Background: be told when it ends"),
  watch_patterns: z
    .array(z.string().min(1).max(200))
    .max(10)
    .optional()
    .describe("Lines of output that contain one of these are shown to the person; in the background you are told"),
});
type Input = z.infer<typeof input>;

const state = z.discriminatedUnion("phase", [permissionState, jobState]);

export const terminal = defineTool({
  name: "terminal",
  toolset: "terminal",
  description:
    "Run a bash command on your machine; returns output (stdout and stderr) and exit_code. " +
    "Current folder, exported variables and functions persist between commands. Commands are not interactive.",
  input,
  effect: "outward",
  async run(call, context) {
    const workspace = await workspaceFor(call, context);
    const error = timeoutError(call, workspace) ?? refusalOf(call.command, workspace.keepsProcesses, call.background);
    if (error !== undefined) return { error };
    const command = inItsFolder(call);
    const permission = await context.permissions.of(command, workspace);
    if (permission.verdict === "refuse") return { error: permission.reason };
    if (permission.verdict === "ask") return askForPermission({ command }, permission, context);
    return start(call, workspace, context);
  },
  async resume(call, { state: kept, wake }, context) {
    const waited = state.parse(kept);
    if (waited.phase === "job")
      return resumeForeground(waited, wake, {
        command: foreground(call),
        workspace: await context.workspace(),
        context,
      });
    const answer = await permitted(waited.rules, wake, context);
    return answer.goesOn ? start(call, await workspaceFor(call, context), context) : answer.result;
  },
});

/** On a machine that lasts for as long as the command may take. */
const workspaceFor = ({ timeout, background }: Input, context: ToolContext): Promise<Workspace> =>
  context.workspace((timeout ?? (background === true ? maxBackgroundSeconds : defaultSeconds)) * 1000);

/** As it is judged and asked about: where a command runs decides what it does. */
function inItsFolder({ command, workdir }: Input): string {
  if (workdir === undefined) return command;
  const [home = "", rest = ""] = /^(~\/|)([\s\S]*)$/.exec(workdir)?.slice(1) ?? [];
  const isPlain = /^~?[\w@%+=:,./-]*$/.test(workdir) && workdir !== "";
  return `cd ${isPlain ? workdir : `${home}${quote(rest)}`} && ${command}`;
}

const foreground = ({ command, workdir, timeout = defaultSeconds, watch_patterns: watchPatterns }: Input) => ({
  command,
  workdir,
  seconds: timeout,
  watchPatterns,
});

/** Files that the command may change are kept first; where that was not possible the result says so. */
async function start(call: Input, workspace: Workspace, context: ToolContext): Promise<Json | Waiting> {
  const { session, turn: turnKey, signal } = context;
  const kept = changesFiles(call.command)
    ? await checkpoint(workspace, { session, turnKey, label: call.command, signal })
    : undefined;
  const result = await runAsAsked(call, workspace, context);
  const isObject = typeof result === "object" && result !== null && !Array.isArray(result);
  return kept !== undefined && isObject && !(result instanceof Waiting) ? { ...result, checkpoint: kept } : result;
}

function runAsAsked(call: Input, workspace: Workspace, context: ToolContext): Promise<Json | Waiting> {
  if (call.background !== true) return runForeground(foreground(call), workspace, context);
  const { command, workdir, timeout = maxBackgroundSeconds, notify_on_complete: notifies = false } = call;
  const watchPatterns = call.watch_patterns ?? [];
  return runBackground({ command, workdir, seconds: timeout, notifies, watchPatterns }, workspace, context);
}

function timeoutError({ timeout, background }: Input, { keepsProcesses, lifetime }: Workspace): string | undefined {
  if (timeout === undefined) return undefined;
  if (!(timeout > 0)) return "timeout must be a positive number of seconds.";
  const most = background === true ? maxBackgroundSeconds : keepsProcesses ? maxSeconds : maxHeldSeconds;
  const life = lifetime && background !== true ? Math.floor(lifetime.longestMs / 1000) : Infinity;
  if (timeout > life)
    return `A machine of this shell lives ${life} seconds at most, and a command ends with it: give a shorter timeout, and split the work into commands that continue where the last one ended.`;
  if (timeout <= most) return undefined;
  return `timeout is at most ${most} seconds. Split the work into shorter commands that continue where the last one ended.`;
}
