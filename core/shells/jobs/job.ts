import { floodBytes } from "../shell.ts";

/** What to run as a job. */
export interface JobStart {
  /** Names the job and its folder: letters, digits, `-` and `_`; a doorbell's id. */
  id: string;
  /** Where the job rings with a POST when it ends or a watched text appears; absent: it never rings. */
  url?: string | undefined;
  command: string;
  /** Whose environment and cwd the command gets (session.ts). */
  session: string;
  /** What the command leaves of its environment and cwd is the session's from then on. */
  savesSession: boolean;
  /** Where this one command runs; absent: in the session's cwd. */
  workdir?: string | undefined;
  /** The job is killed after this many milliseconds, with exit code 124. */
  timeoutMs: number;
  /** Shown in the list of jobs. */
  label: string;
  /** Texts that ring when a line of the output holds one of them. */
  watchPatterns?: readonly string[] | undefined;
  /** The conversation wants to be told of its rings: kept with the job for those who list it. */
  notifies?: boolean | undefined;
  /** Least seconds between two rings for what is watched, 15 when absent; with much to tell they become more (supervisor.ts). */
  watchSeconds?: number | undefined;
  /** The command's standard input stays open for `writeToJob`; else it is empty. */
  takesInput?: boolean | undefined;
}

/** A job's output as far as it was asked for. */
export interface JobOutput {
  /** The whole when nothing is left out, else its first 40 %. */
  head: string;
  /** The last 60 %, or nothing. */
  tail: string;
  /** All that the job wrote. */
  totalBytes: number;
  /** What is missing between the two. */
  omittedBytes: number;
}

/** `lost`: the machine went away under it, or nobody here knows of it; how it ended will never be known. */
export type JobStatus = "running" | "ended" | "lost";

/** What can be sent to a running job (`signalJob`). */
export const signals = ["HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "TERM", "CONT", "STOP", "WINCH"] as const;
export type Signal = (typeof signals)[number];

export interface JobLook {
  id: string;
  status: JobStatus;
  /** It runs, but was sent STOP and no CONT since; its time-out goes on. */
  stopped: boolean;
  /**
   * Once ended: 124 after its time-out, 130 when it was killed on request, 153 when it flooded, else its own; 128 + N of
   * signal N.
   */
  exitCode: number | undefined;
  timedOut: boolean;
  killed: boolean;
  /** It was ended because it had written more than `floodBytes`. */
  flooded: boolean;
  output: JobOutput;
  /** In the workspace: the output, at most its first 2 MB and last 3 MB; of a running job only the first 2 MB. */
  outputPath: string;
  /** Where the session's next command will run, when an ended job has saved that. */
  cwd: string | undefined;
  cwdChanged: boolean;
  fullDisk: FullDisk;
}

/** What a full disk did to a job; none of it means that the command itself failed. */
export interface FullDisk {
  /** It was ended because the disk was about to be full. */
  endedIt: boolean;
  /** Not all that it wrote could be kept, or nothing. */
  cutOutput: boolean;
  /** Its cwd and variables could not be kept: the session is as it was before it. */
  lostSession: boolean;
}

/** What is to be said of that to whoever wanted the command's result; `undefined` when there is nothing to say. */
export function fullDiskError({ endedIt, cutOutput, lostSession }: FullDisk): string | undefined {
  const happened = [
    endedIt && "the command was ended before it could take the last of the room",
    cutOutput && "not all of its output could be kept, and what is missing here is lost",
    lostSession && "the current folder and variables that it left could not be kept, and are as they were before it",
  ].filter((part) => part !== false);
  if (happened.length === 0) return undefined;
  return `The disk of the machine is full: ${happened.join("; ")}. Delete what is not needed (\`df -h ~\` shows the room left) before you go on.`;
}

/** What is to be said of a job that came to no good end of its own; `undefined` when there is nothing to say. */
export function troubleOf({ flooded, fullDisk }: Pick<JobLook, "flooded" | "fullDisk">): string | undefined {
  const errors = [flooded ? floodError : undefined, fullDiskError(fullDisk)].filter((error) => error !== undefined);
  return errors.length === 0 ? undefined : errors.join(" ");
}

export const floodError = `The command was ended with everything it started, since it had written more than ${floodBytes / 1e9} GB of output. What is kept of it is its beginning and its end; the current folder and variables are as they were before it. Send so much to a file, or through head, tail, grep or wc.`;

/** A job in the list. */
export interface JobSummary {
  id: string;
  label: string;
  /** A program of execute_code, which has no job of its own: it is listed only while it runs, and only runs. */
  isProgram: boolean;
  notifies: boolean;
  status: JobStatus;
  exitCode: number | undefined;
  /** Milliseconds since 1970, by the workspace's clock. */
  startedAt: number;
  endedAt: number | undefined;
  bytes: number;
}

/** Kept of an output: its first two pieces and its last ones (in bytes). */
export const pieceBytes = 1_000_000;
export const headPieces = 2;
export const tailPieces = 3;

/** Where a job of this workspace keeps its files, as words of a script. */
export const jobsFolder = `"$HOME"/.talaria/jobs`;
