/** `npm start` as a process of its own, for tests that kill it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Running {
  child: ChildProcess;
  url: string;
}

/** Starts `npm start` as a process of its own and waits until it says that it is ready. */
export async function start(environment: NodeJS.ProcessEnv, execArgv: readonly string[] = []): Promise<Running> {
  const child = spawn(process.execPath, [...execArgv, "local/main.ts"], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /is ready.*?(http:\/\/\S+)/.exec(line)?.[1];
    if (url) return { child, url };
  }
  throw new Error("The process ended before it was ready.");
}

export async function kill({ child }: Running): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
