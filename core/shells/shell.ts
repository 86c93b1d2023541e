import type { Clock } from "../base/clock.ts";
import type { Json } from "../base/json.ts";
import type { Log } from "../base/log.ts";
import type { Settings, SettingSpec } from "../base/settings.ts";
import type { Egress } from "./egress.ts";

export interface RunOptions {
  /** The script is killed after this many milliseconds; the result then has `timedOut`. */
  timeoutMs: number;
  /** Fed to the script's standard input, which is then closed; absent means an empty input. */
  stdin?: string | Uint8Array;
  /** Aborting kills the script with everything it started; the result then has `interrupted`. */
  signal?: AbortSignal;
  /**
   * What the script leaves behind in a session of its own (`setsid`) goes on after it. Absent: everything that it started
   * ends with it. Has no effect in a workspace without `keepsProcesses`.
   */
  outlives?: boolean;
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

/**
 * A command or program that writes more, in bytes, is ended: nobody reads so much, and its machine would be paid for until
 * its time-out.
 */
export const floodBytes = 1_000_000_000;

/** A workspace that is awake. Every call is a fresh `bash` in the same file system; jobs (jobs/) and sessions are built on it. */
export interface Workspace {
  /** Runs a bash script in the workspace's home. Throws a retryable TalariaError when the backend itself failed. */
  run(script: string, options: RunOptions): Promise<RunResult>;
  /** Whether a process can outlive its script here. Without it there are no jobs: a command ends with its call. */
  keepsProcesses: boolean;
  /**
   * Nothing of the person's machine or of ours is in reach: what a command destroys is the workspace's own. Effects on
   * others (a push, a mail) are as real as anywhere.
   */
  isIsolated: boolean;
  /**
   * A folder in the workspace that is watched from outside: a file put there by a rename rings for a job where there is
   * no network to ring over. Absent: jobs ring over HTTP.
   */
  spool?: string;
  /** What it may reach, where that is a rule of ours: a job may not be able to ring over HTTP. Absent: everything. */
  network?: Egress;
  /** When its service ends the machine, which ends every process, and the longest that any lives (ms). Absent: it stays. */
  lifetime?: { endsAt: number; longestMs: number };
  /** What the model must know before it goes on (files since the last snapshot are lost, say). Told with the next result. */
  notice?: string | undefined;
}

/** A place where commands run: one small file each. */
export interface Shell {
  name: string;
  settings: readonly SettingSpec[];
  /** One line for the operator: where commands run with these settings, and what to install for something better. */
  summary(settings: Settings): Promise<string>;
  /** What the operator must know of these settings, though the shell starts with them. Absent, or undefined: nothing. */
  warning?(settings: Settings): { text: string; cure: string } | undefined;
  /** Loads the client library here, not at import. Must not call anybody yet: `acquire` does. */
  connect(settings: Settings, ports: ShellPorts): Promise<ShellBackend>;
}

/** What a backend must remember between two functions: which machine a workspace has, which snapshot it wakes from. */
export interface WorkspaceRecords {
  read(workspace: string): Promise<{ value: Json; version: number } | undefined>;
  /** Replaces what was read as `version` (0: nothing was there); false when somebody else wrote meanwhile. */
  write(workspace: string, value: Json, version: number): Promise<boolean>;
}

/** Files of workspaces in the bucket, reachable for a while without credentials. Keys are below `snapshots/`. */
export interface Archives {
  readUrl(key: string, seconds: number): Promise<string>;
  writeUrl(key: string, seconds: number): Promise<string>;
}

/** What a backend is handed besides its settings. */
export interface ShellPorts {
  clock: Clock;
  log: Log;
  records: WorkspaceRecords;
  archives: Archives;
}

export interface ShellBackend {
  /** Sentence for the model: what its machines are, what they lack. Known without waking one. */
  description: string;
  /** Wakes or creates the workspace with this id (letters, digits, `-`, `_`). Must be idempotent and quick when it is awake. */
  acquire(workspace: string): Promise<Workspace>;
  /**
   * Puts the workspace to sleep; its files survive, its processes need not. Must do nothing when it sleeps already.
   * Absent means that an idle workspace costs nothing.
   */
  hibernate?(workspace: string): Promise<void>;
  /** Exchanges the machine for a new one with the same files: every process ends. Not while a script runs. */
  renew?(workspace: string): Promise<void>;
  /** Ends connections, so that the process can; workspaces stay as they are. */
  close?(): Promise<void>;
}

export const defineShell = (shell: Shell): Shell => shell;
