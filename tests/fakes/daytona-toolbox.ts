/**
 * The service that runs in each of Daytona's sandboxes (its toolbox): commands, sessions and files, with commands that
 * really run. As its source describes it (apps/daemon/pkg/toolbox in daytonaio/daytona, 2026).
 */
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { dirname, join, posix } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { type Sessions, sessionCall } from "./daytona-sessions.ts";
import type { Box } from "./sandbox-box.ts";

export type { Sessions } from "./daytona-sessions.ts";

/**
 * Today a shell reads a command from its standard input. Before, the line was split at its spaces, and its first word
 * started as a program.
 */
export type CommandReader = "shell" | "words";

export interface ToolboxAnswer {
  status: number;
  /** Sent as it is when it is a buffer, else as JSON. */
  body?: unknown;
  type?: string;
}

export interface Toolbox {
  box: Box;
  sessions: Sessions;
  commands: CommandReader;
  /** What the sandbox was made with. */
  env: Record<string, string>;
}

export async function toolbox(machine: Toolbox, operation: string, request: IncomingMessage): Promise<ToolboxAnswer> {
  if (operation === "POST files/bulk-upload") return uploadFiles(machine.box, request);
  const body = JSON.parse((await text(request)) || "{}");
  if (operation === "POST files/bulk-download") return downloadFiles(machine.box, body.paths);
  if (operation === "POST process/execute") return execute(machine, body);
  return sessionCall(machine, operation, body) ?? { status: 404, body: { message: "no such operation" } };
}

interface ExecuteRequest {
  command: string;
  cwd?: string;
  envs?: Record<string, string>;
  /** Seconds; absent or 0: none. */
  timeout?: number;
}

async function execute(machine: Toolbox, request: ExecuteRequest): Promise<ToolboxAnswer> {
  const { box, commands } = machine;
  const { command, cwd = "", envs = {}, timeout = 0 } = request;
  if (command.trim() === "") return { status: 400, body: { message: "command cannot be empty or whitespace-only" } };
  const invalid = Object.keys(envs).find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (invalid !== undefined)
    return { status: 400, body: { message: `invalid environment variable name: '${invalid}'` } };
  if (commands === "words" && /["'\\]/.test(command)) throw new Error("Older versions differ in what a quote means");
  const reader = commands === "shell" ? ["bash"] : command.split(" ");
  const startedAt = Date.now();
  // Both outputs in one, in their order; a time-out ends the command's process group.
  const limited = ["timeout", "--signal=KILL", String(timeout), ...reader];
  const child = box.start(
    ["env", ...assignments({ ...machine.env, ...envs }), "bash", "-c", 'exec "$@" 2>&1', "bash", ...limited],
    posix.resolve(box.options.home, cwd),
  );
  child.stdin.end(commands === "shell" ? command : "");
  // It may end without having read it all.
  child.stdin.on("error", () => {});
  const exit = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
  const [result, exitCode] = await Promise.all([text(child.stdout), exit]);
  const isLate = exitCode === killedExitCode && timeout > 0 && Date.now() - startedAt >= timeout * 1_000;
  if (isLate) return { status: 408, body: { message: "command execution timeout" } };
  return { status: 200, body: { exitCode, result } };
}

const killedExitCode = 137;
const assignments = (env: Record<string, string>) => Object.entries(env).map(([name, value]) => `${name}=${value}`);

async function uploadFiles(box: Box, request: IncomingMessage): Promise<ToolboxAnswer> {
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(await buffer(request), { headers }).formData();
  for (const [name, path] of form) {
    if (!name.endsWith(".path") || typeof path !== "string") continue;
    const file = form.get(name.replace(/path$/, "file"));
    if (file === null || typeof file === "string") return { status: 400, body: { errors: ["no file"] } };
    const target = pathOf(box, path);
    if (target === undefined) return { status: 400, body: { errors: [`${path}: not writable`] } };
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, Buffer.from(await file.arrayBuffer()));
  }
  return { status: 200, body: { files: [] } };
}

/** Where a file of the machine is here; `undefined` for what is not the machine's own. */
function pathOf({ options: { folder, home } }: Box, path: string): string | undefined {
  const whole = posix.resolve(home, path);
  for (const [inside, name] of [
    [home, "home"],
    ["/tmp", "tmp"],
  ] as const)
    if (whole.startsWith(`${inside}/`)) return join(folder, name, posix.relative(inside, whole));
  return undefined;
}

/** A form with one part per path: the file, or why there is none. */
async function downloadFiles(box: Box, paths: readonly string[]): Promise<ToolboxAnswer> {
  const boundary = `boundary-${randomUUID()}`;
  const parts = await Promise.all(paths.map(async (path) => partOf(path, await readFile(box, path), boundary)));
  const body = Buffer.concat([...parts.flat(), Buffer.from(`--${boundary}--\r\n`)]);
  return { status: 200, type: `multipart/form-data; boundary=${boundary}`, body };
}

function partOf(path: string, content: Buffer | undefined, boundary: string): Buffer[] {
  const name = content === undefined ? "error" : "file";
  const type = content === undefined ? "application/json" : "application/octet-stream";
  const message = `file not found or invalid: ${path}`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${path}"\r\nContent-Type: ${type}`;
  const failure = Buffer.from(JSON.stringify({ message, statusCode: 404, code: "FILE_NOT_FOUND" }));
  return [Buffer.from(`${head}\r\n\r\n`), content ?? failure, Buffer.from("\r\n")];
}

async function readFile(box: Box, path: string): Promise<Buffer | undefined> {
  const child = box.start(["cat", "--", path]);
  const exit = new Promise((resolve) => child.once("exit", resolve));
  const [content, exitCode] = await Promise.all([buffer(child.stdout), exit]);
  return exitCode === 0 ? content : undefined;
}
