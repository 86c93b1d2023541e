import type { Settings, SettingSpec } from "../base/settings.ts";

export interface RunOptions {
  /** The script is killed after this many milliseconds; the result then has `timedOut`. */
  timeoutMs: number;
  /** Fed to the script's standard input, which is then closed; absent means an empty input. */
  stdin?: string | Uint8Array;
  /** Aborting kills the script with everything it started; the result then has `interrupted`. */
  signal?: AbortSignal;
}

export interface RunResult {
  /**
   * Standard output and standard error in the order they were written, as UTF-8. A backend must keep memory bounded:
   * beyond `maxOutputBytes` it keeps the first 40 % and the last 60 % and says how much is missing in `droppedBytes`.
   */
  output: string;
  droppedBytes: number;
  /** 124 after a time-out, 130 after an interrupt, else the script's own. */
  exitCode: number;
  timedOut: boolean;
  interrupted: boolean;
}

/** Kept of one script's output, in bytes; larger than any window the model is shown. */
export const maxOutputBytes = 5_000_000;

/** A workspace that is awake. Every call is a fresh `bash` in the same file system; nothing else persists between calls. */
export interface Workspace {
  /** Runs a bash script in the workspace's home. Throws a retryable TalariaError when the backend itself failed. */
  run(script: string, options: RunOptions): Promise<RunResult>;
  /** Sentence for the model: what this machine is, what it lacks. */
  description: string;
}

/** A place where commands run: one small file each. */
export interface Shell {
  name: string;
  settings: readonly SettingSpec[];
  connect(settings: Settings): Promise<ShellBackend>;
}

export interface ShellBackend {
  /** One line for the operator: where commands run, and what to install for something better. */
  summary: string;
  /** Wakes or creates the workspace with this id (letters, digits, `-`, `_`). Must be idempotent and quick when it is awake. */
  acquire(workspace: string): Promise<Workspace>;
  /** Puts the workspace to sleep; its files survive. Absent means that an idle workspace costs nothing. */
  hibernate?(workspace: string): Promise<void>;
}

export const defineShell = (shell: Shell): Shell => shell;
