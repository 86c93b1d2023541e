import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Outside } from "./outside.ts";

interface Call {
  id: number;
  name: keyof Outside;
  argument: unknown;
}

type Answer = { id: number } & ({ result: unknown } | { error: string });

/** The outside as its parent sees it: every method is a message to the process and one back. */
export interface RemoteOutside extends Outside {
  close(): Promise<void>;
}

export async function startOutside(): Promise<RemoteOutside> {
  // Without our own options of Node: a profile of this process must not become one of the other too.
  const child = fork(fileURLToPath(new URL("./main.ts", import.meta.url)), { execArgv: [] });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  child.on("message", (message) => settle(waiting, message as Answer));
  child.on("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("The process of the outside ended."));
  });
  let calls = 0;
  const ask = <Name extends keyof Outside>(name: Name): Outside[Name] => {
    const send = (argument?: unknown): Promise<unknown> => {
      calls += 1;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(calls, answer);
      child.send({ id: calls, name, argument } satisfies Call);
      return answer.promise;
    };
    return send as Outside[Name];
  };
  return {
    addresses: ask("addresses"),
    converse: ask("converse"),
    flood: ask("flood"),
    burst: ask("burst"),
    promptLengths: ask("promptLengths"),
    close: () => end(child),
  };
}

function settle(waiting: Map<number, PromiseWithResolvers<unknown>>, answer: Answer): void {
  const asked = waiting.get(answer.id);
  waiting.delete(answer.id);
  if ("error" in answer) asked?.reject(new Error(answer.error));
  else asked?.resolve(answer.result);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, "exit");
  child.kill();
  await gone;
}

/** In the other process: answers the parent until it goes away. */
export function serveParent(outside: Outside): void {
  const methods = outside as unknown as Record<string, (argument: unknown) => unknown>;
  const answer = async ({ id, name, argument }: Call): Promise<Answer> => {
    try {
      return { id, result: await methods[name]?.(argument) };
    } catch (error) {
      return { id, error: String(error) };
    }
  };
  process.on("message", (call) => void answer(call as Call).then((reply) => process.send?.(reply)));
  process.on("disconnect", () => process.exit());
}
