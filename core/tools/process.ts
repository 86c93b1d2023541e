import * as z from "zod";
import type { Json } from "../base/json.ts";
import { type JobLook, type JobSummary, type Signal, signals } from "../shells/jobs/job.ts";
import {
  killJob,
  listJobs,
  lookAtJob,
  readJobOutput,
  signalJob,
  unfinishedInput,
  writeToJob,
  type Written,
} from "../shells/jobs/jobs.ts";
import { quote } from "../shells/quote.ts";
import type { Workspace } from "../shells/shell.ts";
import { askForPermission, permissionState, permitted } from "./permission/ask.ts";
import { endFields, notice, shown, shownText, troubleFields, windowChars } from "./terminal/result.ts";
import { defineTool, type ToolContext, Waiting, type Wake } from "./tool.ts";

const defaultLines = 200;
const defaultWaitSeconds = 180;
const maxWaitSeconds = 24 * 3600;
/** What a look shows of the output, in characters; `log` shows more. */
const previewChars = 4_000;

const input = z.object({
  action: z.enum(["list", "poll", "log", "wait", "kill", "write", "submit", "close"]),
  session_id: z.string().optional().describe("Process id, or an unambiguous beginning of it; all but list need it"),
  signal: z
    .enum(signals)
    .optional()
    .describe("kill: send only this, once, to its process group; it may go on. Default: end it (TERM, then KILL)"),
  data: z.string().optional().describe("For write, and for submit, which adds a newline"),
  timeout: z
    .number()
    .positive()
    .max(maxWaitSeconds)
    .optional()
    .describe(`Seconds to wait, default ${defaultWaitSeconds}`),
  offset: z.number().int().min(1).optional().describe("log: first line; default: the last lines"),
  limit: z.number().int().min(1).max(5_000).optional().describe(`log: lines, default ${defaultLines}`),
});
type Input = z.infer<typeof input>;

/** What each action needs: the process that was meant, as the list has it, and where it is. */
interface Aim {
  call: Input;
  job: JobSummary;
  workspace: Workspace;
  context: ToolContext;
}

const waitState = z.object({ job: z.string(), until: z.number() });
const state = z.union([permissionState, waitState]);

export const process = defineTool({
  name: "process",
  toolset: "terminal",
  description:
    "Manage background processes: list, poll (state and newest output), log (lines of output), wait (until it ends), " +
    "kill (or send a signal), write or submit to its input, close its input.",
  input,
  effect: "outward",
  async run(call, context) {
    const workspace = await context.workspace();
    if (!workspace.keepsProcesses) return { error: "This machine has no background processes." };
    const jobs = (await listJobs(workspace)).filter(({ isProgram }) => !isProgram);
    if (call.action === "list") return { processes: jobs.map(summaryFields), ...notice(workspace) };
    const job = named(jobs, call.session_id);
    if ("error" in job) return job;
    return actions[call.action]({ call, job, workspace, context });
  },
  async resume(call, { state: kept, wake }, context) {
    const waited = state.parse(kept);
    if ("rules" in waited) return resumeWriting(call, { rules: waited.rules, wake }, context);
    const { job: id, until } = waited;
    const workspace = await context.workspace();
    const look = await lookAtJob(workspace, id);
    const isOver = look.status !== "running" || wake.by === "message" || wake.by === "stop";
    if (!isOver && context.clock.now() < until) return waiting(id, until);
    const job = (await listJobs(workspace)).find((one) => one.id === id);
    // An end that is told here is no news; of one that is still to come, only who asked for it is told.
    if (look.status === "running" && job?.notifies === true) await context.doorbells.open(id, "tell");
    else await context.doorbells.close(id);
    return { ...lookFields(look, job?.label ?? ""), ...unfinished(look, call) };
  },
});

/** The process with this id or the only one whose id begins so, with or without the prefix of all ids. */
function named(jobs: readonly JobSummary[], id: string | undefined): JobSummary | { error: string } {
  if (id === undefined || id === "") return { error: "session_id says which process; action list shows them." };
  const found = jobs.filter((job) => job.id.startsWith(id) || job.id.startsWith(`job_${id}`));
  const exact = found.find((job) => job.id === id) ?? found[0];
  if (exact === undefined) return { error: `There is no process ${id}. Action list shows those that there are.` };
  if (found.length > 1 && exact.id !== id)
    return { error: `${found.length} processes begin with ${id}: give more of the id.` };
  return exact;
}

const actions: Record<Exclude<Input["action"], "list">, (aim: Aim) => Promise<Json | Waiting>> = {
  poll: async ({ job, workspace }) => lookFields(await lookAtJob(workspace, job.id), job.label),
  log: readLog,
  wait: waitForEnd,
  kill,
  write: guardedWrite,
  submit: guardedWrite,
  close: guardedWrite,
};

async function kill({ call, job, workspace, context }: Aim): Promise<Json> {
  if (call.signal !== undefined) return sendSignal(call.signal, { job, workspace, context });
  // Its end is no news to anybody then.
  await context.doorbells.close(job.id);
  return lookFields(await killJob(workspace, job.id), job.label);
}

async function sendSignal(signal: Signal, { job, workspace, context }: Omit<Aim, "call">): Promise<Json> {
  const look = await signalJob(workspace, job.id, signal);
  // An end that is told here is no news; one that is still to come is.
  if (look.status !== "running") await context.doorbells.close(job.id);
  const note = job.status === "ended" && { note: "It had ended before; the signal was not sent." };
  return { ...lookFields(look, job.label), ...note };
}

async function readLog({ call, job, workspace }: Aim): Promise<Json> {
  const { offset, limit = defaultLines } = call;
  const { text, firstLine, totalLines } = await readJobOutput(workspace, job.id, { offset, limit });
  return {
    process: job.id,
    status: job.status,
    output: shownText(text, windowChars),
    first_line: firstLine,
    total_lines: totalLines,
  };
}

/** Waits here while the step has patience, then without anything running here. */
async function waitForEnd({ call, job, workspace, context }: Aim): Promise<Json | Waiting> {
  const { signal, patienceMs, clock, doorbells } = context;
  const timeoutMs = (call.timeout ?? defaultWaitSeconds) * 1000;
  const until = clock.now() + timeoutMs;
  const first = await lookAtJob(workspace, job.id, { waitMs: Math.min(patienceMs, timeoutMs), signal });
  const isOver = first.status !== "running" || signal.aborted || clock.now() >= until;
  if (isOver) return { ...lookFields(first, job.label), ...unfinished(first, call) };
  await doorbells.open(job.id, "wake");
  // It may have rung while nobody could hear it.
  const again = await lookAtJob(workspace, job.id);
  if (again.status === "running") return waiting(job.id, until);
  await doorbells.close(job.id);
  return lookFields(again, job.label);
}

const waiting = (job: string, until: number) =>
  new Waiting({ state: { job, until } satisfies z.infer<typeof waitState>, until });

const writeErrors: Record<Exclude<Written, "written">, string> = {
  ended: "The process has ended.",
  closed: "The input of this process is closed.",
  stuck: "The process did not read all of it within 10 s; a part may have been written.",
};

/** What a program is told can be a command like any other: a shell may be what reads it. */
async function guardedWrite(aim: Aim): Promise<Json | Waiting> {
  const { call, job, workspace, context } = aim;
  const { data = "" } = call;
  if (data === "") return write(aim);
  // With what was written before on the same line: a command can come in pieces.
  const line = (await unfinishedInput(workspace, job.id)) + data;
  const permission = await context.permissions.of(judgedAs(line, job), workspace);
  if (permission.verdict === "refuse") return { error: permission.reason };
  if (permission.verdict === "allow") return write(aim);
  const lead = `May I type this into the running process \`${shownText(job.label, 200).replaceAll("`", "'")}\`?`;
  return askForPermission({ command: line, lead }, permission, context);
}

const maxUnfinished = 10_000;

/** What comes after the last end of a line; one after a backslash ends nothing. */
function unfinishedOf(text: string): string {
  let end = text.lastIndexOf("\n");
  while (end > 0 && text[end - 1] === "\\") end = text.lastIndexOf("\n", end - 1);
  return text
    .slice(end + 1)
    .slice(-maxUnfinished)
    .replaceAll("\0", "");
}

/** Where another language is read, its programs are judged too. */
function judgedAs(data: string, { label }: JobSummary): string {
  const interpreter = /^\s*(?:\S*\/)?(python[\d.]*|node|ruby|perl|php)\b/.exec(label)?.[1];
  if (interpreter === undefined || data.includes("\0")) return data;
  return `${interpreter} ${interpreter.startsWith("python") ? "-c" : "-e"} ${quote(data)}\n${data}`;
}

async function resumeWriting(
  call: Input,
  { rules, wake }: { rules: readonly string[]; wake: Wake },
  context: ToolContext,
): Promise<Json> {
  const answer = await permitted(rules, wake, context);
  if (!answer.goesOn) return answer.result;
  const workspace = await context.workspace();
  const job = named(await listJobs(workspace), call.session_id);
  return "error" in job ? job : write({ call, job, workspace, context });
}

async function write({ call, job, workspace }: Aim): Promise<Json> {
  const { action, data = "" } = call;
  const text = action === "submit" ? `${data}\n` : data;
  const unfinished = unfinishedOf((await unfinishedInput(workspace, job.id)) + text);
  const written = await writeToJob(workspace, job.id, { data: text, close: action === "close", unfinished });
  return written === "written" ? { process: job.id, status: written } : { error: writeErrors[written] };
}

function lookFields(look: JobLook, command: string): Record<string, Json> {
  const { exitCode } = look;
  return {
    process: look.id,
    status: look.status,
    ...(look.stopped && { stopped: true }),
    ...troubleFields(look),
    output: shown(look.output, previewChars).text,
    output_total_bytes: look.output.totalBytes,
    ...(exitCode !== undefined && endFields({ ...look, exitCode, cwdChanged: false }, command)),
    ...(look.status === "lost" && { note: "The machine restarted or lost the process; how it ended is unknown." }),
  };
}

const unfinished = (look: JobLook, { timeout = defaultWaitSeconds }: Input): Record<string, Json> =>
  look.status === "running" ? { note: `Still running; waited at most ${timeout} s.` } : {};

const summaryFields = ({ id, label, status, exitCode, startedAt, endedAt, bytes }: JobSummary): Json => ({
  process: id,
  command: shownText(label, 200),
  status,
  ...(exitCode !== undefined && { exit_code: exitCode }),
  started_at: new Date(startedAt).toISOString(),
  ...(endedAt !== undefined && { ended_at: new Date(endedAt).toISOString() }),
  output_bytes: bytes,
});
