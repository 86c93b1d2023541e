/** Sessions of Daytona's toolbox: a shell each, to which commands are fed one after the other. */
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { quote } from "../../core/shells/quote.ts";
import type { Toolbox, ToolboxAnswer } from "./daytona-toolbox.ts";

export type Sessions = Map<string, Session>;

interface Session {
  shell: ChildProcess;
  /** Of the shell, whose process group has all that the session's commands started. */
  processId: number;
  commands: Map<string, SessionCommand>;
}

interface SessionCommand {
  id: string;
  command: string;
  /** What it wrote, and how it ended: in files of the sandbox, seen from here. */
  folder: string;
}

interface SessionRequest {
  sessionId?: string;
  command?: string;
  runAsync?: boolean;
  async?: boolean;
}

const missing = (what: string): ToolboxAnswer => ({ status: 404, body: { message: `${what} not found` } });

/** `undefined` for what is no call of a session. */
export function sessionCall(
  machine: Toolbox,
  operation: string,
  body: SessionRequest,
): Promise<ToolboxAnswer> | ToolboxAnswer | undefined {
  if (operation === "POST process/session") return createSession(machine, body.sessionId ?? "");
  const [, method, id = "", rest = ""] = /^(\w+) process\/session\/([^/]+)\/?(.*)$/.exec(operation) ?? [];
  const session = machine.sessions.get(id);
  if (method === undefined) return undefined;
  if (session === undefined) return missing("session");
  if (method === "DELETE") return deleteSession(machine, id, session);
  if (`${method} ${rest}` === "POST exec") return execute(machine, id, body);
  if (rest === "") return describeSession(id, session);
  const [, commandId = "", logs] = /^command\/([^/]+)(\/logs)?$/.exec(rest) ?? [];
  const command = session.commands.get(commandId);
  if (command === undefined) return missing("command");
  return logs === undefined ? describeCommand(command).then(ok) : outputOf(command).then(ok);
}

const ok = (body: unknown): ToolboxAnswer => ({ status: 200, body });

async function createSession({ box, sessions, env }: Toolbox, id: string): Promise<ToolboxAnswer> {
  if (sessions.has(id)) return { status: 409, body: { message: "session already exists" } };
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const shell = box.start(["env", ...assignments, "bash"]);
  // The sandbox may be stopped under it.
  shell.stdin.on("error", () => {});
  shell.stdin.write("echo $$\n");
  const [processId] = (await once(shell.stdout, "data")) as [Buffer];
  sessions.set(id, { shell, processId: Number(processId), commands: new Map() });
  return { status: 201 };
}

async function deleteSession({ sessions }: Toolbox, id: string, { shell, processId }: Session): Promise<ToolboxAnswer> {
  sessions.delete(id);
  const ended = once(shell, "exit");
  process.kill(-processId, "SIGKILL");
  await ended;
  return { status: 204 };
}

async function execute({ box, sessions }: Toolbox, id: string, request: SessionRequest): Promise<ToolboxAnswer> {
  const { command = "", runAsync, async: isAsync } = request;
  const session = sessions.get(id);
  if (session === undefined) return missing("session");
  if (command.trim() === "") return { status: 400, body: { message: "command cannot be empty" } };
  const commandId = randomUUID();
  const inside = `.daytona/sessions/${encodeURIComponent(id)}/${commandId}`;
  const folder = join(box.options.folder, "home", inside);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "command"), command);
  session.commands.set(commandId, { id: commandId, command, folder });
  session.shell.stdin?.write(invocation(`${box.options.home}/${inside}`));
  if (runAsync === true || isAsync === true) return { status: 202, body: { cmdId: commandId } };
  return finished(session, { id: commandId, command, folder });
}

/** In the session's own shell, whose folder and variables it may change. The exit code appears when it is complete. */
function invocation(path: string): string {
  const [command, stdout, stderr, part, code] = ["command", "stdout", "stderr", "part", "code"].map((name) =>
    quote(`${path}/${name}`),
  );
  return `{ . ${command}; } < /dev/null > ${stdout} 2> ${stderr}; echo $? > ${part}; mv ${part} ${code}\n`;
}

async function finished(session: Session, command: SessionCommand): Promise<ToolboxAnswer> {
  while (!existsSync(join(command.folder, "code"))) {
    if (session.shell.exitCode !== null || session.shell.signalCode !== null)
      return { status: 400, body: { message: "session shell ended without a command result" } };
    await sleep(20);
  }
  const { exitCode } = await describeCommand(command);
  return ok({ cmdId: command.id, exitCode, ...(await outputOf(command)) });
}

const describeSession = async (id: string, { commands }: Session): Promise<ToolboxAnswer> =>
  ok({ sessionId: id, commands: await Promise.all([...commands.values()].map(describeCommand)) });

async function describeCommand({ id, command, folder }: SessionCommand) {
  const code = await contentOf(folder, "code");
  return { id, command, ...(code === "" ? {} : { exitCode: Number(code) }) };
}

async function outputOf({ folder }: SessionCommand) {
  const [stdout, stderr] = await Promise.all([contentOf(folder, "stdout"), contentOf(folder, "stderr")]);
  return { output: stdout + stderr, stdout, stderr };
}

const contentOf = (folder: string, name: string) => readFile(join(folder, name), "utf8").catch(() => "");
