/** The real exec agent, bundled as it is deployed, as a process on loopback. */
import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { bundleAgent } from "../../stacks/agent-bundle.ts";

export interface AgentProcess {
  port: number;
  home: string;
  pid: number;
  /** Resolves with its exit code. */
  exited: Promise<number>;
  /** As a machine that is lost: at once, with everything in it. */
  kill(): Promise<void>;
  /** As a platform that stops it: it may save. */
  stop(): Promise<number>;
}

export interface AgentProcessOptions {
  tokenHash?: string;
  saveSeconds?: number;
  silenceSeconds?: number;
  environment?: Record<string, string>;
}

let bundle: Promise<string> | undefined;

/** A folder that the agent's unprivileged user may enter, too. */
async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "talaria-machine-"));
  await chmod(folder, 0o755);
  return folder;
}

export async function startAgentProcess(options: AgentProcessOptions = {}): Promise<AgentProcess> {
  bundle ??= bundleAgent(join(import.meta.dirname, "..", ".."));
  const folder = await openFolder();
  const program = join(folder, "agent.mjs");
  await writeFile(program, await bundle);
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env["PATH"] ?? "",
      TMPDIR: folder,
      TALARIA_AGENT_HOME: join(folder, "home"),
      TALARIA_AGENT_HOST: "127.0.0.1",
      TALARIA_AGENT_PORT: "0",
      TALARIA_AGENT_SAVE_SECONDS: String(options.saveSeconds ?? 3600),
      TALARIA_AGENT_SILENCE_SECONDS: String(options.silenceSeconds ?? 0),
      ...(options.tokenHash && { TALARIA_AGENT_TOKEN_HASH: options.tokenHash }),
      ...options.environment,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? 137))).then(
    async (code) => {
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  );
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return {
    port: await portOf(child.stdout),
    home: join(folder, "home"),
    pid: child.pid ?? 0,
    exited,
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}

async function portOf(output: Readable): Promise<number> {
  for await (const line of createInterface({ input: output })) {
    const { port } = JSON.parse(line) as { port?: number };
    if (port) return port;
  }
  throw new Error("the agent ended before it listened");
}
