import * as z from "zod";
import type { Json } from "../../base/json.ts";
import type { JobLook } from "../../shells/jobs/job.ts";
import { canRing, killJob, lookAtJob, removeJob, startJob } from "../../shells/jobs/jobs.ts";
import { runInSession } from "../../shells/session.ts";
import type { Workspace } from "../../shells/shell.ts";
import { saveText } from "../spill.ts";
import { type ToolContext, Waiting, type Wake } from "../tool.ts";
import {
  endFields,
  jobResult,
  notice,
  outputFile,
  shown,
  shownText,
  troubleFields,
  truncation,
  windowChars,
} from "./result.ts";

export interface Command {
  command: string;
  /** Its time-out. */
  seconds: number;
  workdir?: string | undefined;
  /** Lines of its output that hold one of these are shown to the person while it runs on. */
  watchPatterns?: readonly string[] | undefined;
}

/**
 * Kept while a command runs on; `seenBytes` of its output have been looked through for progress. Past `givenUpAt` it is
 * not waited for any more: its own supervisor should have ended it long before. `unheardSince` is when it began on a machine
 * from which it cannot ring.
 */
export const jobState = z.object({
  phase: z.literal("job"),
  job: z.string(),
  until: z.number(),
  seenBytes: z.number().default(0),
  givenUpAt: z.number().optional(),
  unheardSince: z.number().optional(),
});
type JobState = z.infer<typeof jobState>;

/** From TERM to the last KILL of a command that is out of time. */
const killMs = 5_000;
/** A ring that got lost costs this much at the end of a command that was given up. */
const spareMs = 60_000;
/** After the time-out of a command that the machine still calls running. */
const giveUpMs = 10 * 60_000;

/** Runs a command and waits for it: here for as long as the step has patience, then without anything running here. */
export async function runForeground(
  command: Command,
  workspace: Workspace,
  context: ToolContext,
): Promise<Json | Waiting> {
  if (!workspace.keepsProcesses) return runAtOnce(command, workspace, context);
  const { id, url } = context.doorbells.create();
  const timeoutMs = Math.ceil(command.seconds * 1000);
  const { session, signal, patienceMs } = context;
  const look = await startJob(
    workspace,
    {
      id,
      url,
      session,
      savesSession: true,
      command: command.command,
      workdir: command.workdir,
      timeoutMs,
      label: command.command,
      watchPatterns: command.watchPatterns,
    },
    { waitMs: Math.min(patienceMs, timeoutMs + killMs), signal, forgetsUpTo: windowChars },
  );
  if (look.status !== "running") return quickOutcome(look, { command, workspace, context });
  const now = context.clock.now();
  const outOfTime = now + timeoutMs;
  await context.doorbells.open(id, "wake");
  // It may have rung while nobody could hear it.
  const again = await lookAtJob(workspace, id);
  if (again.status !== "running") return toldHere(again, { command, workspace, context });
  const unheardSince = canRing(workspace, url) ? undefined : now;
  return waitFor(
    { job: id, until: outOfTime + spareMs, seenBytes: 0, givenUpAt: outOfTime + giveUpMs, unheardSince },
    now,
  );
}

/** What cannot ring is looked at: soon at first, later after a fifth of the time that it has taken. */
const leastLookMs = 15_000;
const mostLookMs = 5 * 60_000;

interface Wait extends Pick<JobState, "job" | "until" | "seenBytes"> {
  givenUpAt: number;
  unheardSince: number | undefined;
}

function waitFor({ unheardSince, ...wait }: Wait, now: number): Waiting {
  const state = { phase: "job", ...wait };
  if (unheardSince === undefined) return new Waiting({ state, until: wait.until });
  const lookMs = Math.min(mostLookMs, Math.max(leastLookMs, (now - unheardSince) / 5));
  return new Waiting({ state: { ...state, unheardSince }, until: Math.min(wait.until, now + lookMs) });
}

/** Goes on with a command that outlived its step. */
export async function resumeForeground(
  { job, until, seenBytes, unheardSince, givenUpAt = until + giveUpMs }: JobState,
  wake: Wake,
  around: Around,
): Promise<Json | Waiting> {
  const { workspace, context } = around;
  const now = context.clock.now();
  if (wake.by === "stop") return toldHere(await killJob(workspace, job), around);
  if (wake.by === "message") await context.doorbells.open(job, "tell");
  const look = await lookAtJob(workspace, job);
  if (look.status !== "running") return toldHere(look, around);
  if (wake.by !== "message") {
    if (now >= givenUpAt) return toldHere(await killJob(workspace, job), around);
    await showProgress(look, seenBytes, around);
    const seen = look.output.totalBytes;
    return waitFor({ job, until: Math.max(until, now + spareMs), seenBytes: seen, givenUpAt, unheardSince }, now);
  }
  return {
    status: "running",
    process: job,
    output: shown(look.output, previewChars).text,
    note: "It goes on in the background, and you will be told when it ends. The person wrote meanwhile.",
    ...notice(workspace),
  };
}

const previewChars = 2_000;
const progressChars = 500;

/** The newest line that was asked for, of what was written since the last look. */
async function showProgress({ output }: JobLook, seenBytes: number, { command, context }: Around): Promise<void> {
  const { watchPatterns = [] } = command;
  const news = Buffer.from(output.head + output.tail).subarray(-Math.max(1, output.totalBytes - seenBytes));
  const lines = news.toString("utf8").split("\n");
  const line = lines.findLast((text) => watchPatterns.some((pattern) => text.includes(pattern)));
  if (line !== undefined && output.totalBytes > seenBytes) await context.show(shownText(line, progressChars));
}

interface Around {
  command: Command;
  workspace: Workspace;
  context: ToolContext;
}

/** Of a command that ended within its step nothing is kept but a long output. */
async function quickOutcome(look: JobLook, around: Around): Promise<Json> {
  const { workspace, context } = around;
  const { totalBytes } = look.output;
  if (look.status === "lost" || totalBytes <= windowChars) return outcome(look, around);
  const path = await removeJob(workspace, look.id, outputFile(context.callId));
  return outcome({ ...look, outputPath: path ?? look.outputPath }, around);
}

/** The outcome of a command whose door is open: its end is known here, and no news to anybody. */
async function toldHere(look: JobLook, around: Around): Promise<Json> {
  await around.context.doorbells.close(look.id);
  return outcome(look, around);
}

/** What is kept of the job stays until the list of jobs is tidied: after a crash this is looked at once more. */
function outcome(look: JobLook, { command, workspace }: Around): Json {
  if (look.status === "lost") return lost(workspace);
  if (look.status === "running") return unstoppable(look, workspace);
  return jobResult(look, { ...command, workspace, path: look.outputPath });
}

const unstoppable = ({ id, output }: JobLook, workspace: Workspace): Json => ({
  error: "The command was told to end, and did not: it may still be running. Look before you run it again.",
  process: id,
  output: shown(output, previewChars).text,
  ...notice(workspace),
});

const lost = (workspace: Workspace): Json => ({
  error:
    "The machine restarted or lost the process while the command ran: whether it came to its end is unknown, and files are as it left them. Look before you run it again.",
  ...notice(workspace),
});

/** Where nothing outlives its script. */
async function runAtOnce(command: Command, workspace: Workspace, context: ToolContext): Promise<Json> {
  const result = await runInSession(workspace, {
    session: context.session,
    command: command.command,
    workdir: command.workdir,
    timeoutMs: Math.ceil(command.seconds * 1000),
    signal: context.signal,
  });
  const totalBytes = Buffer.byteLength(result.output) + result.droppedBytes;
  const { text, isWhole } = shown({ head: result.output, tail: "", totalBytes, omittedBytes: 0 }, windowChars);
  // A full disk does not take it; what there is to show is still worth returning.
  const path = isWhole ? undefined : await saveText(workspace, context.callId, result.output).catch(() => undefined);
  return {
    ...troubleFields({
      flooded: false,
      fullDisk: { endedIt: false, cutOutput: false, lostSession: result.isUnsaved },
    }),
    output: text,
    ...(!isWhole && truncation(totalBytes, path)),
    ...endFields(result, command.command, command.seconds),
    ...notice(workspace),
  };
}
