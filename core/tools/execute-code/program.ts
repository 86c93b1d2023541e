import { randomUUID } from "node:crypto";
import { redact } from "../../guard/redact.ts";
import { headShare } from "../../shells/output-window.ts";
import { passedMark } from "../../shells/passthrough.ts";
import { pathWord, quote } from "../../shells/quote.ts";
import { enterSession } from "../../shells/session.ts";
import { floodBytes, type RunOptions, type Workspace } from "../../shells/shell.ts";
import { toolsModule } from "./functions.ts";
import { supervisorSource } from "./supervisor.ts";

/** Why a program ended: by itself, when its time was over, when it was told to, or since it wrote more than `floodBytes`. */
const reasons = ["ended", "timeout", "stopped", "flooded"] as const;

/** What became of the program, as its supervisor says. */
export interface Ending {
  reason: (typeof reasons)[number];
  exitCode: number;
  /** Both outputs; of a very long one the two ends. */
  head: string;
  tail: string;
  /** Bytes that are missing between the two; with 0 they are one text. */
  omitted: number;
}

export type ProgramEvent =
  /** It wants a tool and waits for `answer`. */
  | { kind: "call"; id: string; request: string }
  /** Nothing happened for a while. */
  | { kind: "quiet" }
  | { kind: "ended"; ending: Ending }
  /** Our signal was aborted; it may still run. */
  | { kind: "interrupted" }
  /** It cannot be started, or it and its supervisor are gone. */
  | { kind: "failed"; error: string };

/** A Python program that runs in the background of a workspace. Every method is one `run` of a few seconds. */
export interface Program {
  start(code: string): Promise<ProgramEvent>;
  wait(): Promise<ProgramEvent>;
  /** Hands over the answer to a call (a JSON text) and waits for what is next. */
  answer(id: string, answer: string): Promise<ProgramEvent>;
  /** Ends it with everything it started; `undefined` when it had left nothing behind. Never throws. */
  stop(): Promise<Ending | undefined>;
}

export interface ProgramOptions {
  /** Whose current folder the program starts in. */
  session: string;
  /** It is ended after this time. */
  seconds: number;
  /** Kept of its output: 40 % from the beginning, 60 % from the end, and `spareBytes` more of both. */
  outputBytes: number;
  signal: AbortSignal;
}

/** What is nearest to the gap is not shown: a secret that the gap cuts in two would not be seen for one. Longer than a key. */
export const spareChars = 4_096;
/** So many characters in UTF-8. */
const spareBytes = 4 * spareChars;

/** One look at the program waits this long: short enough for any connection, long enough to be rare. */
const sliceSeconds = 10;
const sliceTimeoutMs = 30_000;
const stopTimeoutMs = 15_000;
/** How long a result waits to be fetched: longer than the longest answer that may be on its way then. */
const lingerSeconds = 150;

export function programIn(workspace: Workspace, options: ProgramOptions): Program {
  const { signal } = options;
  const folder = pathWord(`~/.talaria/programs/${randomUUID()}`);
  const run = (script: string, more: Partial<RunOptions> = {}) =>
    workspace.run(script, { timeoutMs: sliceTimeoutMs, ...more });
  /** Aborting tells the program to stop; the look is left to see its end, and what it had printed. */
  const look = async (script: string, more: Partial<RunOptions> = {}): Promise<ProgramEvent> => {
    if (signal.aborted) return { kind: "interrupted" };
    let telling: Promise<unknown> = Promise.resolve();
    const onAbort = () => {
      telling = run(tellScript(folder)).catch(() => undefined);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const { output, droppedBytes } = await run(script, more);
      if (droppedBytes > 0) return { kind: "failed", error: "A tool was handed more than 5 MB." };
      return eventOf(output);
    } finally {
      signal.removeEventListener("abort", onAbort);
      await telling;
    }
  };
  return {
    start: (code) => look(startScript(folder, options) + waitScript(folder), { stdin: code, outlives: true }),
    wait: () => look(waitScript(folder)),
    answer: (id, answer) => look(answerScript(folder, id) + waitScript(folder), { stdin: answer }),
    async stop() {
      try {
        // Not by our signal: it may be what ended the program.
        const { output } = await workspace.run(stopScript(folder), { timeoutMs: stopTimeoutMs });
        const event = eventOf(output);
        return event.kind === "ended" ? event.ending : undefined;
      } catch {
        // The workspace cannot be reached; there the supervisor ends the program when its time is over.
        return undefined;
      }
    },
  };
}

const failures: Readonly<Record<string, string>> = {
  nopython: "There is no python3 on this machine. Install it, or do without a program.",
  full: "The program could not be saved on this machine. Is its disk full?",
  gone: "The program was killed from outside, perhaps for using too much memory, or the disk had no room for its output, which is lost.",
};

/** The first line of a look says what happened, the rest is its data. */
function eventOf(output: string): ProgramEvent {
  const end = output.indexOf("\n");
  const line = end < 0 ? output : output.slice(0, end);
  const data = end < 0 ? "" : output.slice(end + 1);
  const id = /^call ([0-9a-f]{32})$/.exec(line)?.[1];
  if (id !== undefined) return { kind: "call", id, request: data };
  if (line === "quiet") return { kind: "quiet" };
  const [, said, ...numbers] = /^(\w+) (\d+) (\d+) (\d+)$/.exec(line) ?? [];
  const reason = reasons.find((each) => each === said);
  if (reason !== undefined) {
    const [exitCode = 0, omitted = 0, gap = 0] = numbers.map(Number);
    return { kind: "ended", ending: { reason, exitCode, omitted, ...partsOf(data, omitted === 0 ? undefined : gap) } };
  }
  return {
    kind: "failed",
    error: failures[line] ?? `The program could not be run: ${redact(output).trim().slice(0, 300)}`,
  };
}

/** The two ends of an output. Bytes that are no text came as U+FFFD, three bytes each: nothing is shown so near the gap. */
function partsOf(text: string, gap: number | undefined): { head: string; tail: string } {
  if (gap === undefined) return { head: text, tail: "" };
  const bytes = Buffer.from(text);
  return { head: bytes.subarray(0, gap).toString(), tail: bytes.subarray(gap).toString() };
}

/**
 * What looks like the name of a secret is not handed to the program, unless its operator passes it through. The process
 * that we start has a clean environment from its first moment, so none is in /proc either.
 */
const dropSecrets = `
for name in $(compgen -e); do
  case " $${passedMark} " in *" $name "*) continue ;; esac
  case "$(printf %s "$name" | tr a-z A-Z)" in
    *KEY*|*TOKEN*|*SECRET*|*PASSWORD*|*PASSWD*|*PASSPHRASE*|*CREDENTIAL*|*AUTH*|*COOKIE*) unset "$name" ;;
  esac
done`;

const startScript = (folder: string, { session, seconds, outputBytes }: ProgramOptions): string => `
command -v python3 > /dev/null 2>&1 || { echo nopython; exit; }
folder=${folder}
(umask 077 && mkdir -p "$folder" && cd "$folder" && cat > script.py && printf %s ${quote(toolsModule)} > talaria_tools.py &&
  printf %s ${quote(supervisorSource)} > supervisor.py && mkfifo calls answers control) 2> /dev/null ||
  { rm -rf "$folder"; echo full; exit; }
${enterSession(session)}
${dropSecrets}
supervise='exec 3<> "$1/calls"; python3 "$1/supervisor.py" "\${@:2}" > /dev/null 2> "$1/trouble" 3>&-; [ -e "$1/result" ] || echo gone >&3'
setsid bash -c "$supervise" bash "$folder" ${seconds} ${outputBytes * headShare + spareBytes} ${outputBytes * (1 - headShare) + spareBytes} ${floodBytes} ${lingerSeconds} < /dev/null > /dev/null 2>&1 &
`;

/** Both are written under another name first, so that the program never reads half an answer. */
const answerScript = (folder: string, id: string): string => `
cd ${folder} 2> /dev/null || { echo gone; exit; }
cat > answer.part && mv answer.part answer-${id} && rm -f request-${id} && echo ${id} 1<> answers`;

/** Says what happened and prints the data that belong to it. A result is fetched once; what is gone leaves nothing. */
const sayScript = `
leave() { folder="$PWD"; cd / && rm -rf "$folder"; exit; }
if [ -e result ]; then
  cat result
  echo done 1<> control
  leave
fi
printf '%s\\n' "$line"
case "$line" in
  "call "*) cat "request-\${line#call }" ;;
  gone) leave ;;
esac`;

/** The pipe ends when the supervisor is gone, however that came; only one that nobody has open would block us. */
const waitScript = (folder: string): string => `
cd ${folder} 2> /dev/null || { echo gone; exit; }
line=
if [ ! -e result ]; then
  read -r -t ${sliceSeconds} line < calls
  status=$?
  if [ -z "$line" ]; then line=gone; [ $status -gt 128 ] && line=quiet; fi
fi
${sayScript}`;

/** The program may be about to start: it is waited for a little. */
const tellScript = (folder: string): string => `
for try in 1 2 3 4 5 6 7 8 9 10; do
  cd ${folder} 2> /dev/null && [ -p control ] && { echo stop 1<> control; exit; }
  sleep 0.2
done`;

/** A supervisor that is gone is not waited for. */
const stopScript = (folder: string): string => `
cd ${folder} 2> /dev/null || { echo gone; exit; }
exec 3<> calls
echo stop 1<> control
line=gone
while [ ! -e result ] && ! flock -n alive true 2> /dev/null && read -r -t 5 line <&3; do [ "$line" = gone ] && break; done
${sayScript}
leave`;
