/** The real exec agent, begun as the image of its machine begins it, as a process on loopback. */
import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { imageParts } from "../../stacks/image-parts.ts";
import { startCommand } from "../../stacks/shell-image.ts";

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
  /** Our image by default. */
  container?: Container;
}

/** How a container begins. `/opt` stands for a folder of its own. */
interface Container {
  copied: Record<string, string>;
  command: string[];
}

let parts: ReturnType<typeof imageParts> | undefined;
const ourParts = () => (parts ??= imageParts(join(import.meta.dirname, "..", "..")));

/** The image of shell-agent/Dockerfile: its COPY and its CMD. What RUN adds is for who builds it. */
async function ourContainer(): Promise<Container> {
  const { Dockerfile, ...files } = await ourParts();
  const copies = Dockerfile.matchAll(/^COPY (\S+) (\S+)$/gm);
  const [, command = "[]"] = /^CMD (\[.*\])$/m.exec(Dockerfile) ?? [];
  return {
    copied: Object.fromEntries([...copies].map(([, from = "", to = ""]) => [to, files[from as "agent.mjs"]])),
    command: JSON.parse(command) as string[],
  };
}

/** An image of the owner's, which begins as its task's definition says. */
export const ownContainer = async (): Promise<Container> => ({
  copied: {},
  command: startCommand((await ourParts())["agent.mjs"]),
});

/** A folder that the agent's unprivileged user may enter, too. */
async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "talaria-machine-"));
  await chmod(folder, 0o755);
  return folder;
}

export async function startAgentProcess(options: AgentProcessOptions = {}): Promise<AgentProcess> {
  const { copied, command } = options.container ?? (await ourContainer());
  const folder = await openFolder();
  const opt = join(folder, "opt");
  const within = (text: string) => text.replaceAll("/opt/", `${opt}/`);
  await mkdir(opt);
  await Promise.all(Object.entries(copied).map(([path, text]) => writeFile(within(path), text)));
  const [program = "", ...words] = command.map(within);
  const child = spawn(program, words, {
    env: {
      // The machine's `node`, as in the image, is ours.
      PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
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
