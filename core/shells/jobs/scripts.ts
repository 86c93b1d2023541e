import { posix } from "node:path";
import { refused } from "../../base/errors.ts";
import { quote } from "../quote.ts";
import { sessionScript } from "../session.ts";
import { headPieces, type JobStart, jobsFolder, pieceBytes, type Signal } from "./job.ts";
import { ringScript } from "./ring.ts";
import { supervisorScript } from "./supervisor.ts";

/** How much of the output a look prints, and the word that separates its parts. */
export interface LookOptions {
  marker: string;
  windowBytes: number;
  /** How long it may block until the job has ended. */
  waitMs: number;
}

/** Said by a script on a machine that cannot have jobs, after the marker. */
export const lacks = "lacks";

/** Jobs that ended beyond this number are removed, the first to end first, and all a day after their end. */
export const maxKept = 64;
const keptSeconds = 24 * 3600;

/** In the file `report` as long as the command has not said where its session is; an empty one could not be written. */
export const notSaid = "?";

const readySeconds = 20;
const defaultWatchSeconds = 15;

export function checkedId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(id)) return id;
  throw refused("A job id consists of 1 to 128 letters, digits, hyphens and underscores.");
}

/** The folder of a job, as a word of a script. */
export const folderOf = (id: string): string => `${jobsFolder}/${checkedId(id)}`;

interface StartScriptOptions extends LookOptions {
  forgetsUpTo: number;
  spool: string | undefined;
}

/** Starts the job unless it is there already, waits and looks. */
export const startScript = (job: JobStart, look: StartScriptOptions): string => `
for program in flock setsid mkfifo split; do
  command -v $program > /dev/null || { echo "${look.marker} ${lacks} $program"; exit; }
done
umask 077
folder=${folderOf(job.id)}
[ -e "$folder/state" ] || {
${beginning(job, look)}
}
${lookFunction(look)}
look
[ "$status" = ended ] && { : > seen; [ "$total" -le ${look.forgetsUpTo} ] && rm -rf "$folder"; }
exit 0
`;

/** Prepares the folder and starts the supervisor in a session of its own. */
const beginning = (job: JobStart, { marker, spool = "" }: StartScriptOptions): string => `
${pruneFunction}
prune ${maxKept}
mkdir -p "$folder" && cd "$folder" && mkfifo control ready ${job.takesInput === true ? "input" : ""} && {
  printf %s ${quote(commandScript(job))} > script &&
  printf %s ${quote(supervisorScript)} > supervisor &&
  printf '%-63s' running > state &&
  printf '%s\\n' "$EPOCHSECONDS" ${job.notifies === true ? "tells" : "silent"} ${quote(oneLine(job.label))} > label &&
  : > output && : > lock ${job.savesSession ? `&& printf '${notSaid}' > report` : ""} ${fileOf("url", job.url)} ${fileOf("patterns", job.watchPatterns?.map(oneLine).join("\n"))}
} || { echo "${marker} ${lacks} space"; rm -rf "$folder"; exit; }
exec 9> lock 8<> ready; flock 9
${job.url === undefined ? "" : "exec 6> attended; flock 6"}
# What a script starts with & ignores INT and QUIT, and so would the command, for ever.
(trap - INT QUIT; exec setsid bash --noprofile --norc supervisor "$folder" ${Math.ceil(job.timeoutMs * 1000)} \\
  ${watchSeconds(job)} ${job.notifies === true ? "stops" : "slows"} ${quote(spool)}) 6>&- 8>&- < /dev/null > /dev/null 2>&1 &
exec 9>&-
# Until it has a session of its own, the end of this script would be its end too.
read -r -t ${readySeconds} -u 8
exec 8>&-`;

const watchSeconds = (job: JobStart) => Math.max(1, Math.ceil(job.watchSeconds ?? defaultWatchSeconds));

const fileOf = (name: string, content: string | undefined) =>
  content === undefined || content === "" ? "" : `&& printf '%s\\n' ${quote(content)} > ${name}`;

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim().slice(0, 500);

const commandScript = (job: JobStart) => {
  const session = sessionScript(job, {
    saves: job.savesSession,
    // The file is there already, which a session with noclobber would not write to.
    report: `printf '%s' "$1$2" >| "$__talaria_job/report"`,
    isKilled: `[ -e "$__talaria_job/kill" ]`,
  });
  return `__talaria_job=${folderOf(job.id)}\n${signalTraps}\n${session}`;
};

/** Signals with a meaning of their own for many programs, and the codes of who ends with them. */
const outlived: Partial<Record<Signal, number>> = { HUP: 129, USR1: 138, USR2: 140 };

/**
 * The shell that runs the command is in the command's group: it must not end with a signal that its program goes on
 * after. So it does as bash does with INT: it ends when its program ended with the signal, or when it waits for none.
 */
const signalTraps = `
__talaria_signal() {
  case $2:$(command type -t -- "\${4%%[[:space:]]*}") in
    $3:* | *:builtin | *:keyword) command trap - "$1"; command kill "-$1" "$BASHPID" ;;
  esac
}
${Object.entries(outlived)
  .map(([name, code]) => `trap '__talaria_signal ${name} $? ${code} "$BASH_COMMAND"' ${name}`)
  .join("\n")}`;

/**
 * Defines `look`: waits for the job's end (its supervisor then gives up its lock), says how it is and prints its output.
 * What it prints, each after the marker: `S` and the numbers, `R` and the report of the session, `H` and the beginning,
 * `T` and the end, `.`.
 */
export const lookFunction = ({ marker, windowBytes, waitMs }: LookOptions): string => `
look() {
  status=lost
  [ -f "$folder/state" ] && cd "$folder" || { printf '%s' ${marker}'S lost' ${marker}.; return; }
  if flock -s ${waitMs > 0 ? `-w ${(waitMs / 1000).toFixed(3)}` : "-n"} 5 5< lock; then
    read -r state code timed killed _ full note _ < state
    [ "$state" = ended ] && status=ended
  else
    status=running
    read -r _ _ _ _ _ _ note _ < state
  fi
  measure
  printf '%s' "${marker}S $status \${code:-0} \${timed:-0} \${killed:-0} $total \${full:-0} \${note:-0}" ${marker}R
  [ -f report ] && { if [ -s report ]; then cat report; else printf -; fi; }
  printf '%s' ${marker}H
  if [ "$total" -le ${windowBytes} ]; then
    whole; printf '%s' ${marker}T
  else
    head -c ${Math.floor(windowBytes * 0.4)} output; printf '%s' ${marker}T; whole | tail -c ${windowBytes - Math.floor(windowBytes * 0.4)}
  fi
  printf '%s' ${marker}.
}
${outputFunctions}`;

/** Of a job's output in the current folder: its size, its text with a mark where something is missing. */
export const outputFunctions = `
measure() {
  local pieces size
  # The piece that is looked at may be gone by then: its successors are there.
  for _ in {1..20}; do
    [ -s bytes ] && { read -r total < bytes; return; }
    pieces=(piece.*)
    [ "\${pieces[0]}" = 'piece.*' ] && { total=$(wc -c < output); return; }
    size=$({ wc -c < "\${pieces[-1]}"; } 2> /dev/null) && break
  done
  total=$((16#\${pieces[-1]#piece.} * ${pieceBytes} + \${size:-0}))
}
whole() {
  local pieces=(piece.*) omitted
  cat output
  [ "\${pieces[0]}" = 'piece.*' ] && return
  omitted=$(( (16#\${pieces[0]#piece.} - ${headPieces}) * ${pieceBytes} ))
  [ $omitted -gt 0 ] && printf '\\n[… %d bytes left out …]\\n' $omitted
  cat "\${pieces[@]}" 2> /dev/null
}`;

/**
 * Defines `prune`: where there are more jobs than its argument, removes those that ended and are old or too many. Of one
 * that was lost nobody knows the end: its time begins when that is first seen.
 */
const pruneFunction = `
prune() {
  local file folder state ended all=("$HOME"/.talaria/jobs/*/label) count
  count=\${#all[@]}
  [ $count -gt $1 ] || return
  for file in "\${all[@]}"; do
    folder=\${file%/label} state= ended=
    { read -r state _ _ _ ended _ < "$folder/state"; } 2> /dev/null
    if [ "$state" != ended ]; then
      flock -n -s 5 2> /dev/null 5< "$folder/lock" || continue
      [ -s "$folder/lost" ] || { printf '%s\\n' "$EPOCHSECONDS" > "$folder/lost"; } 2> /dev/null
      { read -r ended < "$folder/lost"; } 2> /dev/null
    fi
    printf '%s %s\\n' "\${ended:-$EPOCHSECONDS}" "$folder"
  done | sort -n | while read -r ended file; do
    [ $count -gt ${maxKept} ] || [ $((EPOCHSECONDS - ended)) -gt ${keptSeconds} ] || continue
    flock -n -s 5 2> /dev/null 5< "$file/lock" && rm -rf "$file" && count=$((count - 1))
  done
}`;

/**
 * Writes down of every job whose processes were killed from outside that it was ended because the disk was nearly full,
 * and rings for it. In place, since there may be no room for more.
 */
export const endJobsScript = (spool = ""): string => `
spool=${quote(spool)}
${ringScript}
for file in "$HOME"/.talaria/jobs/*/state; do
  folder=\${file%/state}
  id=\${folder##*/} state=
  cd "$folder" 2> /dev/null && read -r state _ < state
  [ "$state" = running ] && flock -n -s 5 5< lock || continue
  printf '%-63s' "ended 137 0 0 $EPOCHSECONDS ended" 1<>state
  [ -e seen ] || ring ended ${endedNumber} &
done
wait`;

/** Of the ring of a job that could not ring itself: above all that it can have rung before. */
const endedNumber = 1_000_000;

/** Prints a line for each job, after the marker: status, code, started, ended, bytes, id, label. */
export const listScript = (marker: string): string => `
${pruneFunction}
${outputFunctions}
prune 0
for file in "$HOME"/.talaria/jobs/*/label; do
  cd "\${file%/label}" 2> /dev/null || continue
  { read -r started; read -r notifies; read -r label; } < label
  read -r state code timed killed ended _ < state
  if [ "$state" != ended ]; then
    code=- ended=- state=running
    flock -n -s 5 5< lock && state=lost
  fi
  measure
  printf '%s\\n' "${marker} $state $code $started $ended $total \${PWD##*/} $notifies $label"
done
# The lock of a program's supervisor says that it runs.
for file in "$HOME"/.talaria/programs/*/alive; do
  started=$(date +%s -r "$file" 2> /dev/null) || continue
  flock -n -s 5 2> /dev/null 5< "$file" && continue
  file=\${file%/alive}
  printf '%s\\n' "${marker} running - $started - 0 program_\${file##*/} program execute_code"
done`;

/** The path of a job's output as the model's tools take it. */
export const outputPathOf = (id: string): string => posix.join("~/.talaria/jobs", checkedId(id), "output");
