/**
 * Daytona on loopback: the calls of its API and of the service in each sandbox (the toolbox) that we use, with the
 * states its sandboxes go through, and commands that really run.
 */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { type Box, makeBox, removeBox } from "./sandbox-box.ts";

interface FakeSandbox {
  box: Box;
  /** The state that the next look sees; a change takes as many looks as there are states. */
  states: string[];
  recoverable: boolean;
  creation: Record<string, unknown>;
}

interface Answer {
  status: number;
  body?: unknown;
}

export interface FakeDaytona {
  /** DAYTONA_API_URL. */
  url: string;
  apiKey: string;
  sandboxes: Map<string, FakeSandbox>;
  /** `METHOD /path`, ids included, in their order. */
  calls: string[];
  /** The next call whose line contains this gets that answer instead of its work. */
  failNext(part: string, answer: Answer & { times?: number }): void;
  close(): Promise<void>;
}

const apiKey = "dtn_test_key_0123456789";
const home = "/home/daytona";

interface State {
  folder: string;
  url: string;
  sandboxes: Map<string, FakeSandbox>;
  calls: string[];
  failures: { part: string; answer: Answer; times: number }[];
  nextId(): string;
}

export async function startDaytona(): Promise<FakeDaytona> {
  let ids = 0;
  const folder = await realpath(await mkdtemp(join(tmpdir(), "talaria-daytona-")));
  const state: State = {
    folder,
    url: "",
    sandboxes: new Map(),
    calls: [],
    failures: [],
    nextId: () => `sandbox-${(ids += 1)}`,
  };
  const server = createServer((request, response) => {
    void answer(state, request)
      .catch((error: unknown): Answer => ({ status: 500, body: { message: String(error) } }))
      .then((result) => write(response, result));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  state.url = `http://127.0.0.1:${port}`;
  return {
    url: `${state.url}/api`,
    apiKey,
    sandboxes: state.sandboxes,
    calls: state.calls,
    failNext: (part, { times = 1, ...failure }) => void state.failures.push({ part, answer: failure, times }),
    async close() {
      server.closeAllConnections();
      server.close();
      await Promise.all([...state.sandboxes.values()].map(({ box }) => removeBox(box)));
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

function write(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

async function answer(state: State, request: IncomingMessage): Promise<Answer> {
  const line = `${request.method} ${request.url}`;
  state.calls.push(line);
  // It quotes what it was given, so that a test can see where that ends up.
  const given = request.headers.authorization ?? "";
  if (given !== `Bearer ${apiKey}`) return { status: 401, body: { message: `Invalid credentials ${given}` } };
  const failure = state.failures.find(({ part, times }) => times > 0 && line.includes(part));
  if (failure !== undefined) {
    failure.times -= 1;
    return failure.answer;
  }
  const [, service, , id = "", ...rest] = new URL(line.split(" ")[1] ?? "", state.url).pathname.split("/");
  return service === "toolbox"
    ? toolbox(state, request)
    : api(state, request, { id, operation: `${request.method} ${rest.join("/")}` });
}

interface ApiCall {
  id: string;
  operation: string;
}

async function api(state: State, request: IncomingMessage, { id, operation }: ApiCall): Promise<Answer> {
  if (id === "" && operation === "POST ") return create(state, JSON.parse(await text(request)));
  const sandbox = state.sandboxes.get(id);
  if (sandbox === undefined) return { status: 404, body: { message: `Sandbox ${id} not found` } };
  const current = sandbox.states[0];
  if (operation === "GET " && sandbox.states.length > 1) sandbox.states.shift();
  if (operation === "POST start") {
    if (current !== "stopped" && current !== "archived")
      return { status: 409, body: { message: "Sandbox is not in a valid state" } };
    sandbox.states = ["starting", "started"];
  }
  if (operation === "POST stop") {
    sandbox.states = ["stopping", "stopped"];
    sandbox.box.stop();
  }
  if (operation === "POST recover") sandbox.states = ["starting", "started"];
  if (operation === "DELETE ") {
    state.sandboxes.delete(id);
    await removeBox(sandbox.box);
  }
  return { status: 200, body: view(state, id, sandbox) };
}

async function create(state: State, creation: Record<string, unknown>): Promise<Answer> {
  const id = state.nextId();
  const network = creation["networkBlockAll"] !== true;
  const box = await makeBox({ folder: join(state.folder, id), home, network });
  const sandbox = { box, states: ["creating", "started"], recoverable: false, creation };
  state.sandboxes.set(id, sandbox);
  return { status: 200, body: view(state, id, sandbox) };
}

const view = (state: State, id: string, { states, recoverable }: FakeSandbox) => ({
  id,
  name: id,
  state: states[0],
  recoverable,
  errorReason: "disk failure",
  toolboxProxyUrl: `${state.url}/toolbox`,
});

/** Paths are `/toolbox/<sandbox>/<operation>`. */
async function toolbox(state: State, request: IncomingMessage): Promise<Answer> {
  const [, , id = "", ...operation] = (request.url ?? "").split("/");
  const sandbox = state.sandboxes.get(id);
  if (sandbox === undefined) return { status: 404, body: { message: "not found" } };
  if (sandbox.states.at(-1) !== "started") return { status: 400, body: { message: "Sandbox is not started" } };
  if (operation.join("/") === "files/bulk-upload") return uploadFiles(sandbox.box, request);
  if (operation.join("/") === "process/execute") return execute(sandbox.box, JSON.parse(await text(request)));
  return { status: 404, body: { message: "no such operation" } };
}

/** As the real one: a command without a shell, both outputs together, when it has ended. */
async function execute(box: Box, { command, timeout }: { command: string; timeout: number }): Promise<Answer> {
  if (/["'\\]/.test(command)) throw new Error("Versions of Daytona differ in what a quote means");
  const child = box.start(command.split(" "));
  child.stdin.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), timeout * 1_000);
  const exit = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  clearTimeout(timer);
  return { status: 200, body: { exitCode, result: stdout + stderr } };
}

async function uploadFiles(box: Box, request: IncomingMessage): Promise<Answer> {
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(await buffer(request), { headers }).formData();
  for (const [name, path] of form) {
    if (!name.endsWith(".path") || typeof path !== "string") continue;
    const file = form.get(name.replace(/path$/, "file"));
    if (file === null || typeof file === "string") return { status: 400, body: { errors: ["no file"] } };
    const child = box.start(["bash", "-c", 'mkdir -p "${0%/*}"; cat > "$0"', path]);
    child.stdin.end(Buffer.from(await file.arrayBuffer()));
    await new Promise((resolve) => child.once("exit", resolve));
  }
  return { status: 200 };
}
