/** What the cases of the shell suite share. */
import type { describe, it } from "vitest";
import type { SessionCommand, SessionResult } from "../../core/shells/session.ts";
import type { RunOptions, RunResult, ShellBackend, Workspace } from "../../core/shells/shell.ts";

/** What a backend cannot do. Each gap skips exactly the cases that need it, and is said in the backend's description. */
export type ShellGap =
  /** Runs no programs, only its own commands; has no background processes, devices or raw bytes. */
  | "programs"
  /** Output written before a kill is lost. */
  | "partial-output"
  /** Functions and aliases do not persist; nothing does after \`exit\`. */
  | "whole-session"
  /** Separates workspaces by convention only. */
  | "isolation"
  /** A process that got away into a session of its own is not found again when its script ends. */
  | "new-sessions"
  /** Where a script may be outlived, what stays in its own session outlives it too. */
  | "own-session";

export const timeoutMs = 15_000;

/** What the cases are handed: a backend that is made before the first of them, and ways to use its first workspace. */
export interface ShellBench {
  backend: () => ShellBackend;
  workspace: () => Workspace;
  run: (script: string, options?: Partial<RunOptions>) => Promise<RunResult>;
  /** A session nobody else uses, as a function that runs one command in it. */
  newSession: () => (command: string, options?: Partial<SessionCommand>) => Promise<SessionResult>;
  /** A test that needs what some backends lack. */
  only: (gap: ShellGap) => typeof it;
  /** For cases that mostly wait and share nothing: they run beside each other, unless a command costs the machine much. */
  waiting: typeof describe | typeof describe.concurrent;
}
