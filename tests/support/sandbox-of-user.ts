/**
 * Serves a runner of sandboxes to its parent, which is another user (ordinary-user.ts): what a sandbox may do depends on
 * who starts it. Arguments: the egress as JSON and the folder of workspaces.
 */
import { isKind } from "../../core/base/errors.ts";
import { parseEgress } from "../../core/shells/egress.ts";
import { bubblewrapRunner } from "../../core/shells/local/bubblewrap.ts";
import type { LocalRunner } from "../../core/shells/local/runner.ts";
import type { RunOptions, Workspace } from "../../core/shells/shell.ts";

/** Opens a workspace, or runs a script in one that was opened. */
export interface Request {
  id: number;
  folder: string;
  run?: { script: string; options: Omit<RunOptions, "signal"> };
}

/** Interrupts the script of a request. */
export interface Abort {
  abort: number;
}

export type Answer = { id: number; value: unknown } | { id: number; failed: string; isRetryable: boolean };

function serve(runner: LocalRunner): void {
  const running = new Map<number, AbortController>();
  const opened = new Map<string, Workspace>();
  const answerTo = async ({ id, folder, run }: Request): Promise<unknown> => {
    const { signal } = running.get(id) ?? {};
    if (run !== undefined) return opened.get(folder)?.run(run.script, { ...run.options, ...(signal && { signal }) });
    const workspace = await runner.open(folder);
    opened.set(folder, workspace);
    const { run: _, ...place } = workspace;
    return place;
  };
  const serveOne = async (request: Request): Promise<void> => {
    const { id } = request;
    running.set(id, new AbortController());
    const answer = await answerTo(request).then(
      (value): Answer => ({ id, value }),
      (error: Error): Answer => ({ id, failed: error.message, isRetryable: isKind(error, "retryable") }),
    );
    running.delete(id);
    process.send?.(answer);
  };
  process.on("message", (message: Request | Abort) => {
    if ("abort" in message) running.get(message.abort)?.abort();
    else void serveOne(message);
  });
}

const [rule = "", workspaces = ""] = process.argv.slice(2);
const runner = await bubblewrapRunner(parseEgress(rule), workspaces);
if (runner === undefined) process.exit(1);
serve(runner);
process.send?.({ summary: runner.summary, description: runner.description });
