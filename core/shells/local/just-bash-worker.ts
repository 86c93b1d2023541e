/** The thread in which just-bash interprets scripts, one after the other; see just-bash.ts for why it is a thread. */
import { parentPort } from "node:worker_threads";
import { Bash, InMemoryFs, MountableFs, ReadWriteFs } from "just-bash";
import { OutputWindow } from "../output-window.ts";
import { insideHome, scriptEnvironment } from "./runner.ts";
import type { WorkerAnswer, WorkerRequest } from "./just-bash.ts";

/** The interpreter's own limits guard a shared process; here a script's time is the limit, so they only stop nonsense. */
const executionLimits = {
  maxCommandCount: 1e8,
  maxLoopIterations: 1e8,
  maxAwkIterations: 1e8,
  maxSedIterations: 1e8,
  maxWorkUnits: 1e9,
};

async function interpret({ folder, temporary, script, stdin }: WorkerRequest): Promise<WorkerAnswer> {
  const fs = new MountableFs({
    base: new InMemoryFs({ "/etc/passwd": `agent:x:1000:1000::${insideHome}:/bin/bash\n` }),
    mounts: [
      { mountPoint: insideHome, filesystem: new ReadWriteFs({ root: folder }) },
      { mountPoint: "/tmp", filesystem: new ReadWriteFs({ root: temporary }) },
    ],
  });
  const bash = new Bash({ fs, cwd: insideHome, env: scriptEnvironment(insideHome), executionLimits });
  // Binary input travels as one character per byte, which is the interpreter's own form.
  const input =
    typeof stdin === "string"
      ? { stdin }
      : { stdin: Buffer.from(stdin).toString("latin1"), stdinKind: "bytes" as const };
  const result = await bash.exec(`exec 2>&1\n${script}`, { rawScript: true, ...input });
  const output = new OutputWindow();
  output.push(Buffer.from(result.stdout, result.stdoutKind === "bytes" ? "latin1" : "utf8"));
  output.push(Buffer.from(result.stderr, "utf8"));
  return { ...output.read(), exitCode: result.exitCode };
}

parentPort?.on("message", (request: WorkerRequest) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
  void interpret(request).then((answer) => parentPort?.postMessage(answer));
});
