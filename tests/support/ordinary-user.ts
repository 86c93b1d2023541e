/** Sandboxes that an ordinary user starts, for tests that run as root: a process of that user serves them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { retryable } from "../../core/base/errors.ts";
import type { LocalRunner } from "../../core/shells/local/runner.ts";
import type { RunOptions, RunResult, Workspace } from "../../core/shells/shell.ts";
import type { Abort, Answer, Request } from "./sandbox-of-user.ts";

/** Nobody, on usual machines. */
export const ordinaryUser = { uid: 23_456, gid: 23_456 };

const server = new URL("./sandbox-of-user.ts", import.meta.url);

/** Begins the rest of its command line as that user, who finds the first word of it in place of bubblewrap. */
const asUserWith = `
mount --bind "$1" "$(command -v bwrap)" || exit
shift
exec setpriv --reuid=${ordinaryUser.uid} --regid=${ordinaryUser.gid} --clear-groups "$@"`;

/**
 * `rule` as in TALARIA_SHELL_NETWORK; `program` takes the place of bubblewrap. `undefined` where that user can run no
 * sandbox: there is no bubblewrap, namespaces are root's alone, or this project is not theirs to read.
 */
export async function bubblewrapOfUser(
  rule: string,
  workspaces: string,
  program?: string,
): Promise<UserRunner | undefined> {
  const start =
    program === undefined
      ? { ...ordinaryUser, execArgv: [] }
      : { execPath: "unshare", execArgv: ["--mount", "bash", "-c", asUserWith, "bash", program, process.execPath] };
  const child = fork(server, [rule, workspaces], {
    ...start,
    env: { PATH: process.env["PATH"] ?? "" },
    serialization: "advanced",
  });
  const ended = once(child, "exit").then(() => [undefined]);
  const [about] = (await Promise.race([once(child, "message"), ended])) as [
    Pick<LocalRunner, "summary" | "description"> | undefined,
  ];
  if (about === undefined || child.pid === undefined) return undefined;
  return { ...about, ...runnerIn(child), pid: child.pid };
}

export interface UserRunner extends LocalRunner {
  /** The process that starts the sandboxes. */
  pid: number;
  close(): Promise<void>;
}

function runnerIn(child: ChildProcess): Pick<UserRunner, "name" | "open" | "close"> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  child.on("message", (answer: Answer) => {
    const { resolve, reject } = waiting.get(answer.id) ?? {};
    waiting.delete(answer.id);
    if (!("failed" in answer)) resolve?.(answer.value);
    else reject?.(answer.isRetryable ? retryable(answer.failed) : new Error(answer.failed));
  });
  const ended = once(child, "exit").then(() => {
    for (const { reject } of waiting.values()) reject(new Error("The user's process has ended."));
  });

  let last = 0;
  const ask = (request: Omit<Request, "id">, signal?: AbortSignal): Promise<unknown> => {
    const id = ++last;
    const answer = Promise.withResolvers<unknown>();
    const abort = () => child.send({ abort: id } satisfies Abort);
    waiting.set(id, answer);
    child.send({ ...request, id } satisfies Request);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    return answer.promise.finally(() => signal?.removeEventListener("abort", abort));
  };

  return {
    name: "bubblewrap",
    async open(folder) {
      const place = (await ask({ folder })) as Omit<Workspace, "run">;
      const run = async (script: string, { signal, ...options }: RunOptions) =>
        (await ask({ folder, run: { script, options } }, signal)) as RunResult;
      return { ...place, run };
    },
    async close() {
      child.kill();
      await ended;
    },
  };
}
