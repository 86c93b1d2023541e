import { randomUUID } from "node:crypto";
import { refused, retryable } from "../base/errors.ts";
import { OutputWindow } from "./output-window.ts";
import { quote } from "./quote.ts";
import { killer, launcher } from "./remote-script.ts";
import type { RunOptions, RunResult, Workspace } from "./shell.ts";

export interface ExecIo {
  /** Fed to the command's standard input, which is then closed. */
  stdin: Uint8Array;
  /** Must be called with standard output and standard error as they come; which of the two it was does not matter. */
  onOutput(chunk: Uint8Array): void;
  /** Aborted when nobody waits for the command any more: the connection may be dropped, the command is ended already. */
  signal: AbortSignal;
}

/**
 * Starts a command on the other machine and resolves with its exit code when all of its output was handed over. Must
 * reject with a TalariaError, retryable when the connection failed. The words are not a shell's: no character of them
 * is special.
 */
export type Exec = (command: readonly string[], io: ExecIo) => Promise<number>;

export interface RemoteMachine extends Pick<Workspace, "isIsolated" | "lifetime" | "network" | "notice"> {
  exec: Exec;
  /** Where scripts start; created when missing, for its owner alone. A leading `~/` is the home of the login. */
  folder: string;
  /** `$HOME` of scripts; absent: the folder. */
  home?: string;
}

/**
 * A workspace on a machine that can do no more than execute a command: one exec is one script, a second one only ends
 * it early. Of the machine's environment a script sees PATH alone.
 */
export const remoteWorkspace = (machine: RemoteMachine): Workspace => ({
  isIsolated: machine.isIsolated,
  keepsProcesses: true,
  ...(machine.network && { network: machine.network }),
  ...(machine.lifetime && { lifetime: machine.lifetime }),
  ...(machine.notice === undefined ? {} : { notice: machine.notice }),
  run: (script, options) => runRemotely(machine, script, options),
});

/** A command as one line for a machine that has a shell between us and it. */
export const commandLine = (command: readonly string[]): string => command.map(quote).join(" ");

/** An id becomes the name of a folder, a volume, a machine: it must not be able to name anything else. */
export function checkedWorkspaceId(workspace: string): string {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(workspace)) return workspace;
  throw refused("A workspace id consists of 1 to 128 letters, digits, hyphens and underscores.");
}

const timedOut = { exitCode: 124, timedOut: true, interrupted: false } as const;
const interrupted = { exitCode: 130, timedOut: false, interrupted: true } as const;
type Stop = typeof timedOut | typeof interrupted;

/** The other machine ends a script by itself this long after its time, should we be gone by then. */
const lostAfterSeconds = 15;
/** How long one attempt to end a script may take, how long we then wait for its report, how many attempts there are. */
const endWithinMs = 5_000;
const reportWithinMs = 5_000;
const maxEndings = 3;

async function runRemotely(machine: RemoteMachine, script: string, options: RunOptions): Promise<RunResult> {
  if (options.signal?.aborted) return { output: "", droppedBytes: 0, ...interrupted };
  const token = randomUUID().replaceAll("-", "");
  const output = new OutputWindow();
  const begin = beginning(token, (chunk) => output.push(chunk));
  const given = new AbortController();
  const running = machine.exec(launch(machine, token, options), {
    stdin: frame(script, options.stdin ?? ""),
    onOutput: begin.push,
    signal: given.signal,
  });
  const watch = stopOf(options);
  try {
    const first = await Promise.race([running, watch.stopped]);
    if (typeof first !== "number") {
      await end(machine, token, running);
      return { ...output.read(), ...first };
    }
    if (!begin.isOver()) throw notStarted(first, begin.said());
    return { ...output.read(), exitCode: first, timedOut: false, interrupted: false };
  } finally {
    watch.close();
    given.abort();
  }
}

const bash = (script: string) => ["bash", "--noprofile", "--norc", "-c", script, "bash"];

function launch({ folder, home }: RemoteMachine, token: string, { timeoutMs, outlives }: RunOptions): string[] {
  const seconds = Math.ceil(timeoutMs / 1_000) + lostAfterSeconds;
  return [...bash(launcher), token, String(seconds), folder, home ?? folder, outlives === true ? "1" : ""];
}

/** No bash script can hold the NUL character, and a length that counts it would never be reached. */
function frame(script: string, stdin: string | Uint8Array): Uint8Array {
  const body = Buffer.from(script.replaceAll("\0", ""));
  const input = Buffer.from(stdin);
  return Buffer.concat([Buffer.from(`${body.length} ${input.length}\n`), body, input, Buffer.from(".")]);
}

/** Resolves when the time is up or the signal aborts, whichever comes first. */
function stopOf({ timeoutMs, signal }: RunOptions): { stopped: Promise<Stop>; close: () => void } {
  const { promise, resolve } = Promise.withResolvers<Stop>();
  const onAbort = () => resolve(interrupted);
  const timer = setTimeout(() => resolve(timedOut), timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    stopped: promise,
    close: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** Ends the script and waits until its output is read; a machine that cannot be reached ends it by itself. */
async function end({ exec }: RemoteMachine, token: string, running: Promise<number>): Promise<void> {
  const stdin = Buffer.from(`${token}\n`);
  const onOutput = () => {};
  const settled = new AbortController();
  void running.catch(() => {}).then(() => settled.abort());
  for (let attempt = 0; attempt < maxEndings && !settled.signal.aborted; attempt += 1) {
    const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(endWithinMs)]);
    const kill = exec(bash(killer), { stdin, onOutput, signal }).catch(() => {});
    await Promise.race([kill, aborted(signal)]);
    await aborted(AbortSignal.any([settled.signal, AbortSignal.timeout(reportWithinMs)]));
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** Of what a machine says instead of starting the script; more is never of use. */
const maxSaidBytes = 2_000;

/** Passes on what follows the token's line; what a login or a failing machine says before it is kept for the error. */
function beginning(token: string, onScript: (chunk: Uint8Array) => void) {
  const line = Buffer.from(`${token}\n`);
  let before = Buffer.alloc(0);
  let isOver = false;
  return {
    isOver: () => isOver,
    said: () => before.subarray(0, maxSaidBytes).toString("utf8").trim(),
    push: (chunk: Uint8Array) => {
      if (isOver) return onScript(chunk);
      const all = Buffer.concat([before, chunk]);
      const at = all.indexOf(line);
      isOver = at >= 0;
      if (isOver) onScript(all.subarray(at + line.length));
      // The beginning for the error, the end because the line may come in two parts.
      else
        before =
          all.length <= 2 * maxSaidBytes
            ? all
            : Buffer.concat([all.subarray(0, maxSaidBytes), all.subarray(-maxSaidBytes)]);
    },
  };
}

const notStarted = (exitCode: number, said: string) =>
  retryable(`The shell could not be started: ${said === "" ? `exit code ${exitCode}` : said}`, {
    code: "shell.failed",
  });
