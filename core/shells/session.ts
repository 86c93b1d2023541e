import { randomUUID } from "node:crypto";
import { refused } from "../base/errors.ts";
import { unexportPassed } from "./passthrough.ts";
import { pathWord, quote } from "./quote.ts";
import type { RunOptions, RunResult, Workspace } from "./shell.ts";

/** A command and the session whose environment and cwd it gets. */
export interface CommandInSession {
  /** Letters, digits, `-` and `_`; commands of one session share environment and cwd. */
  session: string;
  command: string;
  /** Where this one command runs; the session's own cwd then stays as it was. */
  workdir?: string | undefined;
}

export interface SessionCommand extends CommandInSession, RunOptions {}

export interface SessionResult extends RunResult {
  /** Where the session's next command will run; `undefined` when the command ended before it could say so. */
  cwd: string | undefined;
  /** The command changed it. */
  cwdChanged: boolean;
  /** Environment and cwd could not be kept (the disk is full, say): the session is as it was before the command. */
  isUnsaved: boolean;
}

/** A folder to run in does not exist; the code that bash uses for "found but cannot be run". */
const missingFolderExitCode = 126;

/**
 * Runs a command as if one shell stayed open for the session, although each is a fresh process: exports, functions,
 * aliases and cwd are read from a file before and written to it after. The file is replaced by a rename, so a command
 * that is killed leaves it as it was. Where a shell cannot list functions or aliases, or has no `trap` (a command that
 * calls `exit` then saves nothing), that part is lost and the rest persists.
 */
export async function runInSession(workspace: Workspace, command: SessionCommand): Promise<SessionResult> {
  // Unguessable, so that no output can look like our own report.
  const marker = `talaria-${randomUUID()}`;
  const report = `printf '%s' '${marker}<'"$1$2"'>${marker}'`;
  const result = await workspace.run(sessionScript(command, { saves: true, report }), command);
  return withReport(result, marker);
}

/**
 * A script's beginning that goes to the session's cwd, or home when there is none. It reads only the last line of the
 * state file: the functions in it could stand in for programs that the script relies on.
 */
export const enterSession = (session: string): string => `
__talaria_cwd=
eval "$(tail -n 1 "$HOME"/.talaria/sessions/${checkedSession(session)}/state 2>/dev/null)"
cd "\${__talaria_cwd:-$HOME}" 2>/dev/null || cd "$HOME"`;

function checkedSession(session: string): string {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(session)) return session;
  throw refused("A session id consists of 1 to 128 letters, digits, hyphens and underscores.");
}

/** In a report in place of `0` or `1`. */
export const unsaved = "-";

/** Takes the report ("marker changed cwd marker") out of the output: what is left is exactly what the command wrote. */
function withReport(result: RunResult, marker: string): SessionResult {
  const start = result.output.lastIndexOf(`${marker}<`);
  const end = result.output.indexOf(`>${marker}`, start);
  if (start < 0 || end < 0) return { ...result, cwd: undefined, cwdChanged: false, isUnsaved: false };
  const report = result.output.slice(start + marker.length + 1, end);
  const isUnsaved = report.startsWith(unsaved);
  return {
    ...result,
    output: result.output.slice(0, start) + result.output.slice(end + marker.length + 1),
    cwd: isUnsaved ? undefined : report.slice(1),
    cwdChanged: report.startsWith("1"),
    isUnsaved,
  };
}

interface SessionScriptOptions {
  /** What the command leaves is the session's from then on. */
  saves: boolean;
  /**
   * Script that is run at the end with `1` or `0` (the command changed the cwd) or `-` (nothing could be saved) and the
   * cwd as its arguments.
   */
  report: string;
  /** Condition on which nothing is saved or reported: the command is being killed. */
  isKilled?: string;
}

/**
 * The script that runs a command in its session. Names in it begin with `__talaria_`; they are not exported and never
 * saved. Aliases are switched on before `eval`, because bash expands them when it reads a line. Our own functions come
 * before the session's aliases and call programs by `command`, so that nobody's `alias mv='mv -i'` gets into them.
 */
export const sessionScript = (
  { session, command, workdir }: CommandInSession,
  { saves, report, isKilled = "false" }: SessionScriptOptions,
): string => `
__talaria_folder="$HOME/.talaria/sessions/${checkedSession(session)}"
__talaria_state="$__talaria_folder/state"
__talaria_cwd="$HOME"
shopt -s expand_aliases
${probe}
__talaria_report() { ${saves ? report : ":"}; }
${saves ? saveFunction : "__talaria_save() { :; }"}
${finishFunction(isKilled)}
[ -f "$__talaria_state" ] && . "$__talaria_state"
${enter(workdir)}
__talaria_before="$PWD"
[ -n "$__talaria_real" ] && trap '{ __talaria_code=$?; set +eux; } 2>/dev/null; __talaria_finish; exit $__talaria_code' EXIT
eval ${quote(command)}
{ __talaria_code=$?; set +eux; } 2>/dev/null
__talaria_finish
[ -n "$__talaria_real" ] && trap - EXIT
exit $__talaria_code
`;

/** A simulated bash has no `trap` and no `umask`, and lists functions with an empty body: we must not save those. */
const probe = `
__talaria_probe() { echo probed; }
__talaria_listing="$(declare -f __talaria_probe)"
case "$__talaria_listing" in *probed*) __talaria_real=1 ;; *) __talaria_real= ;; esac`;

/**
 * Fails, and leaves the file as it was, where not all could be written.
 * In a subshell, so that what is left out of the file stays as it is. Not unset, which a variable may refuse
 * (`readonly`), but not exported any more: what is passed through is never written down.
 */
const saveFunction = `
__talaria_save() (
  [ -n "$__talaria_real" ] && umask 077
  [ -d "$__talaria_folder" ] || command mkdir -p "$__talaria_folder"
  __talaria_next="$__talaria_state.$$.$RANDOM"
  {
    if [ -n "$__talaria_real" ]; then
      unset -f __talaria_report __talaria_save __talaria_finish __talaria_probe __talaria_signal
      declare -f
      alias -p
    fi
    unset PWD OLDPWD SHLVL _
    ${unexportPassed.trim().replaceAll("\n", "\n    ")}
    export -p
    printf '__talaria_cwd=%q\\n' "$1"
  } > "$__talaria_next" 2>/dev/null && command mv -f "$__talaria_next" "$__talaria_state" && exit 0
  command rm -f "$__talaria_next"
  exit 1
)`;

/** With an own workdir (`__talaria_kept`) the session's cwd is saved as it was. */
const finishFunction = (isKilled: string) => `
__talaria_finish() {
  ${isKilled} && return
  __talaria_after="$PWD"
  if [ -n "$__talaria_kept" ]; then __talaria_after="$__talaria_kept"; __talaria_before="$__talaria_kept"; fi
  __talaria_changed=0
  if [ "$__talaria_after" != "$__talaria_before" ]; then __talaria_changed=1; fi
  __talaria_save "$__talaria_after" || __talaria_changed=${unsaved}
  __talaria_report "$__talaria_changed" "$__talaria_after"
}`;

function enter(workdir: string | undefined): string {
  if (workdir === undefined)
    return `__talaria_kept=
if ! command cd "$__talaria_cwd" 2>/dev/null; then
  echo "The folder $__talaria_cwd of this session is gone, so nothing was run. The session is back in $HOME: run the command again there."
  __talaria_save "$HOME"
  __talaria_report 1 "$HOME"
  exit ${missingFolderExitCode}
fi`;
  return `__talaria_kept="$__talaria_cwd"
{ command cd "$__talaria_cwd" || command cd "$HOME"; } 2>/dev/null
if ! command cd ${pathWord(workdir)} 2>/dev/null; then
  printf '%s\\n' ${quote(`The workdir ${workdir} does not exist, so nothing was run. Create it first or leave workdir out.`)}
  exit ${missingFolderExitCode}
fi`;
}
