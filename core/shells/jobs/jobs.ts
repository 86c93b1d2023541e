/**
 * A job is a command that may outlive the `run` that started it. All of it is scripts handed to `workspace.run`, so it
 * works on every backend with `keepsProcesses`; what a job is lies in its folder in the workspace, never here.
 */
import { randomUUID } from "node:crypto";
import { refused, retryable } from "../../base/errors.ts";
import { redact } from "../../guard/redact.ts";
import { isListed } from "../egress.ts";
import { quote } from "../quote.ts";
import type { RunOptions, Workspace } from "../shell.ts";
import type { JobLook, JobStart, JobSummary, Signal } from "./job.ts";
import { readList, readLook } from "./read-look.ts";
import { folderOf, lacks, listScript, lookFunction, outputFunctions, outputPathOf, startScript } from "./scripts.ts";

/** What a script may take besides the waiting that it was asked for. */
const scriptMs = 60_000;
const defaultWindowBytes = 250_000;
/** From TERM to the last KILL it takes at most 4 s. */
const killMs = 10_000;
/** For the end that a signal may bring. */
const signalMs = 1_000;
/** Of a process that does not read its input. */
const writeSeconds = 10;

export interface StartOptions {
  /** How long to wait for the end, 0 for not at all. */
  waitMs: number;
  /** Aborting kills the job. */
  signal?: AbortSignal;
  /** Most of the output to hand back, in bytes. */
  windowBytes?: number;
  /** A job that ended within the wait is forgotten when it wrote no more than this many bytes; absent: it is kept. */
  forgetsUpTo?: number;
}

export interface LookAtJobOptions {
  /** How long to wait for the end; absent: not at all. */
  waitMs?: number;
  windowBytes?: number;
  /** Aborting ends the wait, not the job. */
  signal?: AbortSignal;
}

/**
 * Starts a job and waits for its end, in one call of the backend. Throws a refused error where jobs cannot be, and a
 * retryable one when the backend failed: then nobody knows whether the job runs (`lookAtJob` may tell).
 */
export async function startJob(workspace: Workspace, job: JobStart, options: StartOptions): Promise<JobLook> {
  const { waitMs, signal, windowBytes = defaultWindowBytes, forgetsUpTo = -1 } = options;
  if (!workspace.keepsProcesses)
    throw refused("This machine ends every process with its command: it has no background jobs.");
  if (signal?.aborted) return neverStarted(job.id);
  const marker = newMarker();
  const script = startScript(job, { marker, windowBytes, waitMs, forgetsUpTo, spool: workspace.spool });
  let killing: Promise<unknown> = Promise.resolve();
  // The script is left to see the end and to report it; only the job is killed.
  const onAbort = () => {
    killing = workspace.run(killScript(job.id), { timeoutMs: scriptMs }).catch(() => undefined);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const { output } = await workspace.run(script, { timeoutMs: waitMs + scriptMs, outlives: true });
    const missing = output.split(`${marker} ${lacks} `)[1]?.trim();
    if (missing !== undefined) throw cannotStart(missing, output);
    return lookOf(job.id, output, marker);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    await killing;
  }
}

/** Looks at a job, after waiting for its end. One that nobody knows of is `lost`. */
export async function lookAtJob(workspace: Workspace, id: string, options: LookAtJobOptions = {}): Promise<JobLook> {
  const { waitMs = 0, windowBytes = defaultWindowBytes, signal } = options;
  return look(workspace, id, { waitMs, windowBytes, signal, before: "" });
}

/** Ends a job: TERM, then KILL. Returns what it was in the end; one that had ended before is only looked at. */
export const killJob = (workspace: Workspace, id: string): Promise<JobLook> =>
  look(workspace, id, { waitMs: killMs, windowBytes: defaultWindowBytes, before: stopScript(id) });

/**
 * Sends a signal, once, to the process group of a job's command, and waits a moment for the end that it may bring. One
 * that had ended before, or is lost, is only looked at.
 */
export const signalJob = (workspace: Workspace, id: string, signal: Signal): Promise<JobLook> =>
  look(workspace, id, { waitMs: signalMs, windowBytes: defaultWindowBytes, before: signalScript(id, signal) });

/**
 * All jobs of the workspace, the oldest first, and the programs of execute_code that run: while one does, the machine is
 * in use. Removes jobs that ended more than a day ago, or beyond 64.
 */
export async function listJobs(workspace: Workspace): Promise<JobSummary[]> {
  const marker = newMarker();
  const { output } = await workspace.run(listScript(marker), { timeoutMs: scriptMs });
  return readList(output, marker);
}

export interface JobLines {
  text: string;
  /** Number of the first line of `text`, counted from 1 among the lines that are kept. */
  firstLine: number;
  /** Lines that are kept altogether; the middle of a long output is not. */
  totalLines: number;
}

/** Some lines of a job's output: from line `offset` (counted from 1) on, or the last ones. */
export async function readJobOutput(
  workspace: Workspace,
  id: string,
  { offset, limit }: { offset?: number | undefined; limit: number },
): Promise<JobLines> {
  const marker = newMarker();
  const script = `
cd ${folderOf(id)} 2> /dev/null || exit 3
${outputFunctions}
lines=$(whole | sed -n '$=')
first=${offset ?? `$(( \${lines:-0} > ${limit} ? \${lines:-0} - ${limit} + 1 : 1 ))`}
printf '%s' "${marker}S $first \${lines:-0}" ${marker}T
whole | tail -n +$first | head -n ${limit}
printf '%s' ${marker}.`;
  const { output, exitCode } = await workspace.run(script, { timeoutMs: scriptMs });
  if (exitCode === 3) throw refused(`There is no job ${id}.`);
  const [, numbers = "", rest = ""] = output.split(marker);
  if (!output.endsWith(`${marker}.`)) throw retryable(`The output of job ${id} could not be read.`);
  const [, firstLine, totalLines] = numbers.trim().split(" ").map(Number);
  return { text: rest.slice(1), firstLine: firstLine ?? 1, totalLines: totalLines ?? 0 };
}

/** `closed`: the job takes no input (any more). `stuck`: it did not read all of it in time. */
export type Written = "written" | "ended" | "closed" | "stuck";

/** Of what was written to a job's input: the line that has no end yet. */
export async function unfinishedInput(workspace: Workspace, id: string): Promise<string> {
  const { output } = await workspace.run(`cat ${folderOf(id)}/typed 2> /dev/null`, { timeoutMs: scriptMs });
  return output;
}

/** Writes to a job's standard input, or closes it after that. `unfinished` is kept for `unfinishedInput`. */
export async function writeToJob(
  workspace: Workspace,
  id: string,
  { data, close = false, unfinished = "" }: { data: string; close?: boolean; unfinished?: string },
): Promise<Written> {
  const script = `
cd ${folderOf(id)} 2> /dev/null || exit 3
flock -n -s 5 5< lock && exit 3
[ -p input ] && [ ! -e closed ] || exit 4
${data === "" ? "" : `timeout ${writeSeconds} dd of=input bs=64k conv=notrunc,nocreat status=none || exit 5`}
(umask 077; printf %s ${quote(unfinished)} > typed)
${close ? "exec 8<>control; : > closed; echo close >&8" : ""}
exit 0`;
  const { exitCode } = await workspace.run(script, { timeoutMs: scriptMs, stdin: data });
  const written = ({ 0: "written", 3: "ended", 4: "closed", 5: "stuck" } as const)[exitCode];
  if (written === undefined) throw retryable(`The job ${id} could not be written to (exit code ${exitCode}).`);
  return written;
}

/** Whether a job can ring here: into the spool, or over HTTP where the machine has a way to this address. */
export function canRing({ spool, network }: Pick<Workspace, "spool" | "network">, url: string): boolean {
  if (spool !== undefined) return true;
  const { hostname } = new URL(url);
  // Of `npm start`: to another machine it is that machine itself.
  if (hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.")) return false;
  return network === undefined || network.kind === "open" || (network.kind === "listed" && isListed(hostname, network));
}

/** Forgets a job that is not running; returns where its whole output is kept, when it is to be kept as this file name. */
export async function removeJob(workspace: Workspace, id: string, keepOutputAs?: string): Promise<string | undefined> {
  const kept = keepOutputAs === undefined ? "" : `"$HOME"/.talaria/outputs/${quote(keepOutputAs)}`;
  const keep = kept && `mkdir -p "$HOME"/.talaria/outputs && mv -f "$folder/output" ${kept} || exit 3`;
  const script = `folder=${folderOf(id)}\nflock -n -s 5 5< "$folder/lock" || exit 4\n${keep}\nrm -rf "$folder"`;
  const { exitCode } = await workspace.run(script, { timeoutMs: scriptMs });
  return exitCode === 0 && keepOutputAs !== undefined ? `~/.talaria/outputs/${keepOutputAs}` : undefined;
}

interface Looking {
  waitMs: number;
  windowBytes: number;
  /** Script that is run first. */
  before: string;
  signal?: AbortSignal | undefined;
}

async function look(workspace: Workspace, id: string, looking: Looking): Promise<JobLook> {
  const { waitMs, windowBytes, before, signal } = looking;
  const marker = newMarker();
  const script = `folder=${folderOf(id)}\n${before}\n${lookFunction({ marker, waitMs, windowBytes })}\nlook`;
  const options: RunOptions = { timeoutMs: waitMs + scriptMs, ...(signal && { signal }) };
  const result = await workspace.run(script, options);
  // Only the wait was interrupted: what there is can still be seen.
  if (result.interrupted) return look(workspace, id, { waitMs: 0, windowBytes, before: "" });
  return lookOf(id, result.output, marker);
}

function lookOf(id: string, printed: string, marker: string): JobLook {
  const look = readLook(id, printed, marker);
  if (look !== undefined) return look;
  // What it said instead may be the output of a command, and errors are logged.
  throw retryable(`The machine did not say how job ${id} is, in ${printed.length} characters.`, {
    code: "job.unclear",
  });
}

function cannotStart(missing: string, output: string): Error {
  if (missing !== "space")
    return refused(
      `This machine has no \`${missing}\`, which running a command needs: install util-linux and coreutils.`,
    );
  return refused(
    `The command could not be started, since its files could not be written (is the disk full?): ${redact(output).trim().slice(0, 300)}`,
  );
}

const neverStarted = (id: string): JobLook => ({
  id,
  status: "ended",
  stopped: false,
  exitCode: 130,
  timedOut: false,
  killed: true,
  output: { head: "", tail: "", totalBytes: 0, omittedBytes: 0 },
  outputPath: outputPathOf(id),
  cwd: undefined,
  cwdChanged: false,
  flooded: false,
  fullDisk: { endedIt: false, cutOutput: false, lostSession: false },
});

/** The file stays for a supervisor that does not listen yet; opening for both directions never blocks. */
const stopScript = (id: string) => `
folder=${folderOf(id)}
{ : > "$folder/kill"; ${tell("kill")}; } 2> /dev/null`;

/** Only the line: what no supervisor hears is gone with it. */
const signalScript = (id: string, signal: Signal) => `
folder=${folderOf(id)}
{ ${tell(`signal ${signal}`)}; } 2> /dev/null`;

/** Says a line to the job's supervisor. */
const tell = (line: string) => `[ -p "$folder/control" ] && exec 8<> "$folder/control" && echo '${line}' >&8`;

/** The job may be about to start: the file is then there before it. */
const killScript = (id: string) => `mkdir -p ${folderOf(id)}\n${stopScript(id)}`;

/** Unguessable, so that no output can look like our own report. */
const newMarker = () => `talaria-${randomUUID()}`;
