/**
 * Daytona on loopback: the calls of its API that we and its SDK's tests use, with the states its sandboxes go through.
 * What runs in a sandbox is in daytona-toolbox.ts.
 */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { CreateSandbox, Sandbox, SandboxState } from "@daytona/api-client";
import { type CommandReader, type Sessions, type ToolboxAnswer, toolbox } from "./daytona-toolbox.ts";
import { type Box, makeBox, removeBox } from "./sandbox-box.ts";

interface FakeSandbox {
  box: Box;
  sessions: Sessions;
  /** The state that the next look sees; a change takes as many looks as there are states. */
  states: string[];
  recoverable: boolean;
  creation: CreateSandbox;
}

export interface FakeDaytona {
  /** DAYTONA_API_URL. */
  url: string;
  apiKey: string;
  sandboxes: Map<string, FakeSandbox>;
  /** `METHOD /path`, ids included, in their order. */
  calls: string[];
  /** Which programs called, as they name themselves. */
  callers: Set<string>;
  /** The next call whose line contains this gets that answer instead of its work. */
  failNext(part: string, answer: ToolboxAnswer & { times?: number }): void;
  close(): Promise<void>;
}

export interface FakeDaytonaOptions {
  /** Who reads a command; absent: a shell, as in today's Daytona. */
  commands?: CommandReader;
}

const apiKey = "dtn_test_key_0123456789";
const home = "/home/daytona";

interface State {
  commands: CommandReader;
  folder: string;
  url: string;
  sandboxes: Map<string, FakeSandbox>;
  calls: string[];
  callers: Set<string>;
  failures: { part: string; answer: ToolboxAnswer; times: number }[];
  nextId(): string;
}

export async function startDaytona({ commands = "shell" }: FakeDaytonaOptions = {}): Promise<FakeDaytona> {
  let ids = 0;
  const folder = await realpath(await mkdtemp(join(tmpdir(), "talaria-daytona-")));
  const state: State = {
    commands,
    folder,
    url: "",
    sandboxes: new Map(),
    calls: [],
    callers: new Set(),
    failures: [],
    nextId: () => `sandbox-${(ids += 1)}`,
  };
  const server = createServer((request, response) => {
    void answer(state, request)
      .catch((error: unknown): ToolboxAnswer => ({ status: 500, body: { message: String(error) } }))
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
    callers: state.callers,
    failNext: (part, { times = 1, ...failure }) => void state.failures.push({ part, answer: failure, times }),
    async close() {
      server.closeAllConnections();
      server.close();
      await Promise.all([...state.sandboxes.values()].map(({ box }) => removeBox(box)));
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

function write(response: ServerResponse, { status, body, type }: ToolboxAnswer): void {
  response.writeHead(status, { "content-type": type ?? "application/json" });
  response.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body));
}

async function answer(state: State, request: IncomingMessage): Promise<ToolboxAnswer> {
  const line = `${request.method} ${request.url}`;
  state.calls.push(line);
  state.callers.add(String(request.headers["x-daytona-source"]));
  // It quotes what it was given, so that a test can see where that ends up.
  const given = request.headers.authorization ?? "";
  if (given !== `Bearer ${apiKey}`) return { status: 401, body: { message: `Invalid credentials ${given}` } };
  const failure = state.failures.find(({ part, times }) => times > 0 && line.includes(part));
  if (failure !== undefined) {
    failure.times -= 1;
    return failure.answer;
  }
  const [, service, ...path] = new URL(request.url ?? "", state.url).pathname.split("/").map(decodeURIComponent);
  // `/toolbox/<sandbox>/<operation>` and `/api/sandbox/<sandbox>/<operation>`.
  const [id = "", ...rest] = service === "toolbox" ? path : path.slice(1);
  const operation = `${request.method} ${rest.join("/")}`;
  return service === "toolbox" ? inSandbox(state, request, { id, operation }) : api(state, request, { id, operation });
}

async function inSandbox(state: State, request: IncomingMessage, { id, operation }: ApiCall): Promise<ToolboxAnswer> {
  const sandbox = state.sandboxes.get(id);
  if (sandbox === undefined) return { status: 404, body: { message: "not found" } };
  if (sandbox.states.at(-1) !== "started") return { status: 400, body: { message: "Sandbox is not started" } };
  return toolbox({ ...sandbox, commands: state.commands, env: sandbox.creation.env ?? {} }, operation, request);
}

interface ApiCall {
  id: string;
  operation: string;
}

async function api(state: State, request: IncomingMessage, { id, operation }: ApiCall): Promise<ToolboxAnswer> {
  const body = request.method === "POST" ? JSON.parse((await text(request)) || "{}") : {};
  if (id === "" && operation === "POST ") return create(state, body);
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
    sandbox.sessions.clear();
    sandbox.box.stop();
  }
  if (operation === "POST network-settings") {
    const problem = problemOfNetwork(body);
    if (problem !== undefined) return { status: 400, body: { message: problem } };
    changeNetwork(sandbox, body);
  }
  if (operation === "POST recover") sandbox.states = ["starting", "started"];
  if (operation === "DELETE ") {
    state.sandboxes.delete(id);
    await removeBox(sandbox.box);
    return { status: 200, body: { ...view(state, id, sandbox), state: "destroyed" } };
  }
  return { status: 200, body: view(state, id, sandbox) };
}

async function create(state: State, creation: CreateSandbox): Promise<ToolboxAnswer> {
  const problem = problemOfNetwork(creation);
  if (problem !== undefined) return { status: 400, body: { message: problem } };
  const id = state.nextId();
  const box = await makeBox({ folder: join(state.folder, id), home, network: isOpen(creation) });
  const sandbox = { box, sessions: new Map(), states: ["creating", "started"], recoverable: false, creation };
  state.sandboxes.set(id, sandbox);
  return { status: 200, body: view(state, id, sandbox) };
}

/** Holds for what starts from now on, where Daytona's firewall holds at once. */
function changeNetwork({ creation, box }: FakeSandbox, change: Partial<CreateSandbox>): void {
  Object.assign(creation, change);
  box.options.network = isOpen(creation);
}

type NetworkOptions = Partial<Pick<CreateSandbox, "networkBlockAll" | "networkAllowList" | "domainAllowList">>;

const entriesOf = (list: string | undefined) => (list ?? "").split(",").flatMap((entry) => entry.trim() || []);

/** A box cannot keep a list: one that has some is cut off. */
const isOpen = ({ networkBlockAll, networkAllowList, domainAllowList }: NetworkOptions) =>
  networkBlockAll !== true && entriesOf(networkAllowList).length + entriesOf(domainAllowList).length === 0;

/** What Daytona's API refuses (apps/api/src/sandbox/utils/network-validation.util.ts in its repository). */
function problemOfNetwork(given: NetworkOptions): string | undefined {
  const networks = entriesOf(given.networkAllowList);
  const domains = entriesOf(given.domainAllowList);
  const isDomain = (entry: string) =>
    /^(\*\.)?([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,}$/.test(entry);
  if (!networks.every((network) => /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/.test(network)))
    return "networkAllowList must be a comma-separated list of CIDRs";
  if (!domains.every(isDomain)) return "Invalid domain";
  if (networks.length > 10) return "Network allow list cannot contain more than 10 networks";
  if (domains.length > 20) return "Domain allow list cannot contain more than 20 domains";
  if (networks.length > 0 && domains.length > 0) return "networkAllowList and domainAllowList are mutually exclusive";
  return given.networkBlockAll === true && networks.length + domains.length > 0
    ? "networkBlockAll: true cannot be combined with a list"
    : undefined;
}

/** Every field that the real one always has; the SDK takes an answer without `env` for a line of a list. */
const view = (state: State, id: string, { states, recoverable, creation }: FakeSandbox): Sandbox => ({
  id,
  name: id,
  organizationId: "organisation",
  user: "daytona",
  target: creation.target ?? "us",
  public: false,
  cpu: 1,
  gpu: 0,
  memory: 1,
  disk: 3,
  env: creation.env ?? {},
  labels: creation.labels ?? {},
  networkBlockAll: creation.networkBlockAll ?? false,
  ...(creation.networkAllowList ? { networkAllowList: creation.networkAllowList } : {}),
  // One so old that it splits commands into words knows no list of names, and takes it without a word.
  ...(creation.domainAllowList && state.commands === "shell" ? { domainAllowList: creation.domainAllowList } : {}),
  state: states[0] as SandboxState,
  recoverable,
  errorReason: "disk failure",
  toolboxProxyUrl: `${state.url}/toolbox`,
});
