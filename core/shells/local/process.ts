import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { messageOf, retryable } from "../../base/errors.ts";
import { OutputWindow } from "../output-window.ts";
import type { RunOptions, RunResult } from "../shell.ts";

/** A command line that ends in `bashArguments`, perhaps inside a sandbox. */
export interface BashProcess {
  command: readonly string[];
  /**
   * The same for a script whose leftovers go on after it. A sandbox that ends only by the end of its first process
   * writes that process's id to file descriptor 4 (bubblewrap's `--info-fd`). Absent: the same command.
   */
  outliving?: readonly string[];
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
 * is known, after a mark in the output ($2): what goes on after the script may hold the output open for ever. What else
 * this process has open is closed first: no script may inherit it. Where memory runs out, the kernel ends what belongs to
 * scripts before anything else of this machine, us included.
 */
const wrapper = `
for fd in /dev/fd/*; do fd=\${fd##*/}; [ "$fd" -gt 4 ] && eval "exec $fd>&-"; done
owner=$1 mark=$2 info=$3; shift 3
cat | {
  { echo 1000 > /proc/self/oom_score_adj; } 2>/dev/null
  [ -z "$owner" ] || chown "$owner" /dev/stdin /dev/stdout
  if [ -n "$info" ]; then "$@"; else "$@" 4>&-; fi
  code=$?; printf %s "$mark"; echo $code >&4
} | cat`;

/** Of what a sandbox says about its own failure; more is never of use. */
const maxComplaintBytes = 2_000;
/** What a script started may hold the output open after its end; we do not wait longer for it than this. */
const closeGraceMs = 250;

/**
 * Runs a script in a process group of its own and ends everything it started, at the latest when it ends itself.
 * Throws a retryable TalariaError when the process could not be started or the sandbox failed before bash ran.
 */
export async function runBash(bash: BashProcess, script: string, options: RunOptions): Promise<RunResult> {
  if (options.signal?.aborted) return { output: "", droppedBytes: 0, ...interrupted };
  const mark = `talaria-${randomUUID()}`;
  const child = start(bash, mark, options);
  const output = new OutputWindow();
  const complaint = new OutputWindow(maxComplaintBytes);
  const isComplete = collect(child.stdout, output, mark);
  child.stderr.on("data", (chunk: Buffer) => complaint.push(chunk));
  feed(child.stdin, options.stdin ?? "");
  feed(child.stdio[3] as Writable, script);

  const watch = watchFor(child, options);
  const exitCode = await ended(child, isComplete, options).finally(() => watch.stop());
  const stopped = watch.stoppedBy();
  if (stopped !== undefined) return { ...output.read(), ...stopped };
  const said = complaint.read().output.trim();
  // A script cannot write there, and a kill (above 128) may have come at any time: only the rest never ran.
  if (exitCode > 0 && exitCode < 128 && said !== "")
    throw retryable(`The shell could not be started: ${said}`, { code: "shell.failed" });
  return { ...output.read(), exitCode, timedOut: false, interrupted: false };
}

function start(bash: BashProcess, mark: string, { outlives = false }: RunOptions) {
  const outliving = outlives ? bash.outliving : undefined;
  const settings = [String(bash.uid ?? ""), mark, outliving === undefined ? "" : "info"];
  const command = [...settings, ...(outliving ?? bash.command)];
  return spawn("bash", ["--noprofile", "--norc", "-c", wrapper, "bash", ...command], {
    cwd: bash.cwd,
    env: bash.env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
  });
}

/** Collects the output up to the mark, after which nothing is the script's own; resolves when that has come. */
function collect(stream: Readable, output: OutputWindow, mark: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let held = Buffer.alloc(0);
  let isComplete = false;
  stream.on("data", (chunk: Buffer) => {
    if (isComplete) return;
    held = Buffer.concat([held, chunk]);
    const end = held.indexOf(mark);
    isComplete = end >= 0;
    // What may be the beginning of the mark is kept back.
    const certain = isComplete ? end : Math.max(0, held.length - mark.length);
    output.push(held.subarray(0, certain));
    held = held.subarray(certain);
    if (isComplete) resolve();
  });
  // Also when it was destroyed, since somebody still holds the other end.
  stream.on("close", () => {
    if (!isComplete) output.push(held);
  });
  return promise;
}

/** Writes and closes. A script that does not read its input closes the pipe early; that is no error. */
function feed(stream: Writable, content: string | Uint8Array): void {
  stream.on("error", () => {});
  stream.end(content);
}

/** Kills the process at the time-out or when the signal aborts, and remembers which of the two it was. */
function watchFor(child: ChildProcess, { timeoutMs, signal }: RunOptions) {
  let stopped: Pick<RunResult, "exitCode" | "timedOut" | "interrupted"> | undefined;
  let sandbox: number | undefined;
  child.stdio[4]?.on("data", (chunk: Buffer) => {
    sandbox ??= Number(/"child-pid": (\d+)/.exec(chunk.toString())?.[1]) || undefined;
  });
  const stop = (reason: NonNullable<typeof stopped>) => {
    stopped ??= reason;
    if (sandbox !== undefined) kill(sandbox);
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
  if (child.pid !== undefined) kill(-child.pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // ESRCH: it has ended already.
  }
}

/** So often, with the grace between, something may still come when the process is gone; then we stop listening all the same. */
const maxRounds = 40;

/** The exit code, once the script has ended and its output is read; 137 when somebody else killed it. */
function ended(child: ChildProcess, isComplete: Promise<void>, { outlives = false }: RunOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    let exitCode: number | undefined;
    let isAllSaid = false;
    let grace: NodeJS.Timeout | undefined;
    const letGo = () => child.stdio.forEach((stream) => stream?.destroy());
    child.once("error", (error) =>
      reject(retryable(`The shell could not be started: ${messageOf(error)}`, { cause: error, code: "shell.failed" })),
    );
    child.stdio[4]
      ?.on("error", () => {})
      .on("data", (chunk: Buffer) => {
        const code = /^(\d+)\n$/m.exec(chunk.toString())?.[1];
        if (code === undefined) return;
        exitCode = Number(code);
        // Not before the mark has come, however long a busy machine takes to pass the output on.
        void isComplete.then(() => {
          isAllSaid = true;
          if (outlives) {
            killGroup(child);
            letGo();
          } else grace = setTimeout(() => killGroup(child), closeGraceMs);
        });
      });
    child.once("exit", () => {
      killGroup(child);
      clearTimeout(grace);
      grace = whenQuiet(child, { isEnough: () => isAllSaid, onQuiet: letGo });
    });
    child.once("close", () => {
      clearTimeout(grace);
      resolve(exitCode ?? 137);
    });
  });
}

/**
 * Once nothing has come from a process for a while, or enough. A loop that was busy hears of its end before it has read what it
 * wrote, and then a timer can be over at once; it is over before anything is read, so that is done before it is decided.
 */
function whenQuiet(
  child: ChildProcess,
  { isEnough, onQuiet }: { isEnough(): boolean; onQuiet(): void },
): NodeJS.Timeout {
  let hasCome = false;
  let rounds = 0;
  for (const stream of [child.stdout, child.stderr, child.stdio[4]]) stream?.on("data", () => (hasCome = true));
  const decide = () => {
    rounds += 1;
    if (isEnough() || !hasCome || rounds === maxRounds) return onQuiet();
    hasCome = false;
    timer.refresh();
  };
  const timer = setTimeout(() => setImmediate(decide), closeGraceMs);
  return timer;
}
