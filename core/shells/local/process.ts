import { spawn, type ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import { messageOf, retryable } from "../../base/errors.ts";
import { OutputWindow } from "../output-window.ts";
import type { RunOptions, RunResult } from "../shell.ts";

/** A command line that ends in `bashArguments`, perhaps inside a sandbox. */
export interface BashProcess {
  command: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** Whom the script runs as; absent: as we do. */
  uid?: number | undefined;
}

/**
 * How bash is started: preparations (limits), then one pipe for both outputs, so that their order is kept, then the
 * script from file descriptor 3. A command line could hold only 128 KiB of it, and would show it in the process list.
 */
export const bashArguments = (preparations: string): string[] => [
  "bash",
  "--noprofile",
  "--norc",
  "-c",
  `{ ${preparations}; } 2>/dev/null; exec 2>&1; eval "exec 3<&-\n$(cat <&3)"`,
  "bash",
];

/**
 * Around the process: Node's pipes are sockets, which cannot be opened again as /dev/stdin or /dev/stderr, so `cat`
 * makes real ones and the script's user gets them ($1). The exit code comes through file descriptor 4 as soon as it
 * is known. What else this process has open is closed first: no script may inherit it.
 */
const wrapper = `
for fd in /dev/fd/*; do fd=\${fd##*/}; [ "$fd" -gt 4 ] && eval "exec $fd>&-"; done
owner=$1; shift
cat | { [ -z "$owner" ] || chown "$owner" /dev/stdin /dev/stdout; "$@" 4>&-; echo $? >&4; } | cat`;

/** Of what a sandbox says about its own failure; more is never of use. */
const maxComplaintBytes = 2_000;
/** A background process may hold the output open after the script's end; we do not wait longer for it than this. */
const closeGraceMs = 250;

/**
 * Runs a script in a process group of its own and ends everything it started, at the latest when it ends itself.
 * Throws a retryable TalariaError when the process could not be started or the sandbox failed before bash ran.
 */
export async function runBash(bash: BashProcess, script: string, options: RunOptions): Promise<RunResult> {
  if (options.signal?.aborted) return { output: "", droppedBytes: 0, ...interrupted };
  const child = spawn(
    "bash",
    ["--noprofile", "--norc", "-c", wrapper, "bash", String(bash.uid ?? ""), ...bash.command],
    {
      cwd: bash.cwd,
      env: bash.env,
      detached: true,
      stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
    },
  );
  const output = new OutputWindow();
  const complaint = new OutputWindow(maxComplaintBytes);
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complaint.push(chunk));
  feed(child.stdin, options.stdin ?? "");
  feed(child.stdio[3] as Writable, script);

  const watch = watchFor(child, options);
  const exitCode = await ended(child).finally(() => watch.stop());
  const stopped = watch.stoppedBy();
  if (stopped !== undefined) return { ...output.read(), ...stopped };
  const said = complaint.read().output.trim();
  // A script cannot write there, and a kill (above 128) may have come at any time: only the rest never ran.
  if (exitCode > 0 && exitCode < 128 && said !== "")
    throw retryable(`The shell could not be started: ${said}`, { code: "shell.failed" });
  return { ...output.read(), exitCode, timedOut: false, interrupted: false };
}

/** Writes and closes. A script that does not read its input closes the pipe early; that is no error. */
function feed(stream: Writable, content: string | Uint8Array): void {
  stream.on("error", () => {});
  stream.end(content);
}

/** Kills the process at the time-out or when the signal aborts, and remembers which of the two it was. */
function watchFor(child: ChildProcess, { timeoutMs, signal }: RunOptions) {
  let stopped: Pick<RunResult, "exitCode" | "timedOut" | "interrupted"> | undefined;
  const stop = (reason: NonNullable<typeof stopped>) => {
    stopped ??= reason;
    killGroup(child);
  };
  const onAbort = () => stop(interrupted);
  const timer = setTimeout(() => stop(timedOut), timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    stoppedBy: () => stopped,
    stop: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** The exit codes that `timeout` and an interrupt from the keyboard give. */
export const timedOut = { exitCode: 124, timedOut: true, interrupted: false } as const;
export const interrupted = { exitCode: 130, timedOut: false, interrupted: true } as const;

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // ESRCH: the whole group has ended already.
  }
}

/** The exit code, once the script has ended and its output is read; 137 when somebody else killed it. */
function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let exitCode = 137;
    let grace: NodeJS.Timeout | undefined;
    child.once("error", (error) =>
      reject(retryable(`The shell could not be started: ${messageOf(error)}`, { cause: error, code: "shell.failed" })),
    );
    child.stdio[4]
      ?.on("error", () => {})
      .once("data", (chunk: Buffer) => {
        exitCode = Number(chunk.toString());
        grace = setTimeout(() => killGroup(child), closeGraceMs);
      });
    child.once("exit", () => {
      killGroup(child);
      clearTimeout(grace);
      grace = setTimeout(() => child.stdio.forEach((stream) => stream?.destroy()), closeGraceMs);
    });
    child.once("close", () => {
      clearTimeout(grace);
      resolve(exitCode);
    });
  });
}
