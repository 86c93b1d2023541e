/**
 * Modal on loopback: the gRPC services that its client talks to, with the messages of that client, and sandboxes that
 * really run commands. A snapshot is a copy of a sandbox's files.
 */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { ModalClient } from "modal";
import { type CallContext, createServer, ServerError, Status } from "nice-grpc";
import { type CallFailure, modalServices, serviceOf } from "./modal-wire.ts";
import { type Box, copyFiles, makeBox, removeBox } from "./sandbox-box.ts";

type ControlPlane = ModalClient["cpClient"];
type Request<Name extends keyof ControlPlane> = Parameters<ControlPlane[Name]>[0];

interface FakeSandbox {
  box: Box;
  image: string;
  tags: Record<string, string>;
  isRunning: boolean;
  network: NetworkRule;
}

/** What a sandbox was told that it may reach. */
interface NetworkRule {
  networkAccessType: number;
  allowedCidrs: string[];
  allowedDomains: string[];
}

export interface FakeModal {
  url: string;
  token: { id: string; secret: string };
  sandboxes: Map<string, FakeSandbox>;
  /** Snapshots by image id, as folders. */
  snapshots: Map<string, string>;
  /** The methods that were called, in their order. */
  calls: string[];
  /** What the next call of a method does instead of its work, or after it. */
  failures: Map<string, CallFailure>;
  /** As when a sandbox's machine fails or its time is over: it ends without a snapshot. */
  lose(sandbox: string): void;
  close(): Promise<void>;
}

const token = { id: "ak-test-token-id", secret: "as-test-token-secret" };
const home = "/root";
/** NetworkAccessType in Modal's protocol. */
const networkTypes = { open: 1, blocked: 2, listed: 3 };
const maxMessageBytes = 1024 * 1024;

export async function startModal(): Promise<FakeModal> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "talaria-modal-")));
  const server = createServer({ "grpc.max_receive_message_length": 100 * 1024 * 1024 });
  let ids = 0;
  const state = {
    folder,
    nextId: () => (ids += 1),
    url: "",
    token,
    sandboxes: new Map<string, FakeSandbox>(),
    snapshots: new Map<string, string>(),
    calls: [] as string[],
    failures: new Map<string, CallFailure>(),
  };
  const { control, router } = modalServices();
  server.add(control.definition, serviceOf(control, controlPlane(state), state));
  server.add(router.definition, serviceOf(router, commandRouter(state), state));
  state.url = `http://127.0.0.1:${await server.listen("127.0.0.1:0")}`;
  return Object.assign(state, {
    lose: (id: string) => end(state, id),
    async close() {
      server.forceShutdown();
      await Promise.all([...state.sandboxes.values()].map(({ box }) => removeBox(box)));
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  });
}

type State = Omit<FakeModal, "lose" | "close"> & { folder: string; nextId(): number };

function end(state: State, id: string): void {
  const sandbox = state.sandboxes.get(id);
  if (sandbox === undefined) return;
  sandbox.isRunning = false;
  sandbox.box.stop();
}

/** What `ModalClient` itself calls. Ids that are not 22 characters long are of the second generation of sandboxes. */
const controlPlane = (state: State) => ({
  async authTokenGet(_: unknown, { metadata }: CallContext) {
    const given = { id: metadata.get("x-modal-token-id"), secret: metadata.get("x-modal-token-secret") };
    if (given.id === state.token.id && given.secret === state.token.secret) return { token: unsignedToken() };
    // It quotes what it was given, so that a test can see where that ends up.
    throw new ServerError(Status.UNAUTHENTICATED, `Token ${given.id} with ${given.secret} is not valid`);
  },
  appGetOrCreate: async ({ appName }: Request<"appGetOrCreate">) => ({ appId: `ap-${appName}` }),
  environmentGetOrCreate: async () => ({
    environmentId: "en-1",
    metadata: { name: "main", settings: { imageBuilderVersion: "2025.06" } },
  }),
  imageGetOrCreate: async () => ({ imageId: "im-base", result: { status: 1 } }),
  async imageFromId({ imageId = "" }: Request<"imageFromId">) {
    if (!state.snapshots.has(imageId)) throw new ServerError(Status.NOT_FOUND, `Could not find image ${imageId}`);
    return { imageId };
  },
  async imageDelete({ imageId = "" }: Request<"imageDelete">) {
    state.snapshots.delete(imageId);
    return {};
  },
  async sandboxCreateV2({ definition, tags = [] }: Request<"sandboxCreateV2">) {
    const sandboxId = `sb-${state.nextId()}`;
    const image = definition?.imageId ?? "";
    const folder = join(state.folder, sandboxId);
    const snapshot = state.snapshots.get(image);
    if (snapshot !== undefined) await copyFiles(snapshot, folder);
    const network = networkRule(definition?.networkAccess);
    // A box cannot keep a list: one that has some is cut off.
    const box = await makeBox({ folder, home, network: network.networkAccessType === networkTypes.open });
    const named = Object.fromEntries(tags.map((tag) => [tag.tagName ?? "", tag.tagValue ?? ""]));
    state.sandboxes.set(sandboxId, { box, image, tags: named, isRunning: true, network });
    return { sandboxId, taskId: `ta-${sandboxId}`, commandRouterAccess: access(state) };
  },
  sandboxGetTaskIdV2: async ({ sandboxId }: Request<"sandboxGetTaskIdV2">) => ({ taskId: `ta-${sandboxId}` }),
  sandboxGetCommandRouterAccess: async () => access(state),
  async sandboxWaitV2({ sandboxId = "" }: Request<"sandboxWaitV2">) {
    const sandbox = state.sandboxes.get(sandboxId);
    if (sandbox === undefined) throw new ServerError(Status.NOT_FOUND, `Sandbox ${sandboxId} not found`);
    return sandbox.isRunning ? {} : { result: { status: 5, exitcode: 137 } };
  },
  async sandboxTerminateV2({ sandboxId = "" }: Request<"sandboxTerminateV2">) {
    end(state, sandboxId);
    return {};
  },
});

/** Refuses what the service could not read, and lists where they do not belong. */
function networkRule(given: Partial<NetworkRule> | undefined): NetworkRule {
  const { networkAccessType = 0, allowedCidrs = [], allowedDomains = [] } = given ?? {};
  const isCidr = (entry: string) => isIP(entry.split("/")[0] ?? "") > 0 && /\/\d{1,3}$/.test(entry);
  const isDomain = (entry: string) => /^(\*\.)?([a-z0-9_-]+\.)*[a-z0-9_-]+$/.test(entry);
  const isValid =
    Object.values(networkTypes).includes(networkAccessType) &&
    allowedCidrs.every(isCidr) &&
    allowedDomains.every(isDomain) &&
    (networkAccessType === networkTypes.listed || allowedCidrs.length + allowedDomains.length === 0);
  if (!isValid) throw new ServerError(Status.INVALID_ARGUMENT, `No network rule: ${JSON.stringify(given)}`);
  return { networkAccessType, allowedCidrs, allowedDomains };
}

/** A token as Modal's: only its time is looked at. */
function unsignedToken(): string {
  const payload = JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 3600 });
  return ['{"alg":"none"}', payload].map((part) => Buffer.from(part).toString("base64url")).join(".") + ".x";
}

/** The client insists on https and then leaves encryption out on loopback. */
const access = (state: State) => ({ url: state.url.replace("http:", "https:"), jwt: unsignedToken() });

/** One command: what it wrote to each of its outputs, and how it ended. */
class Execution {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<{ code: number }>;

  constructor(process: ChildProcessWithoutNullStreams) {
    this.process = process;
    process.stdin.on("error", () => {});
    this.ended = new Promise((resolve) => process.once("exit", (code) => resolve({ code: code ?? 137 })));
  }
}

/** What the client calls for one sandbox; commands run in its box. */
function commandRouter(state: State) {
  const executions = new Map<string, Execution>();
  const running = (taskId: string): FakeSandbox => {
    const sandbox = state.sandboxes.get(taskId.slice("ta-".length));
    if (!sandbox?.isRunning) throw new ServerError(Status.NOT_FOUND, `Task ${taskId} is not running`);
    return sandbox;
  };
  const known = (execId: string): Execution => {
    const execution = executions.get(execId);
    if (execution === undefined) throw new ServerError(Status.NOT_FOUND, `Exec ${execId} not found`);
    return execution;
  };
  return {
    async taskExecStart({ taskId, execId, commandArgs, workdir }: ExecStart) {
      const { box } = running(taskId);
      executions.set(execId, new Execution(box.start(commandArgs, workdir)));
      return {};
    },
    async taskExecStdinWrite({ execId, data, eof }: ExecInput) {
      const { stdin } = known(execId).process;
      if (data.length > 0) stdin.write(data);
      if (eof) stdin.end();
      return {};
    },
    async *taskExecStdioRead({ execId, fileDescriptor }: { execId: string; fileDescriptor: number }) {
      const { stdout, stderr } = known(execId).process;
      // All that has come since the last message goes into one, as long as that is not too large.
      const waiting = new PassThrough({ highWaterMark: maxMessageBytes });
      for await (const data of (fileDescriptor === 1 ? stderr : stdout).pipe(waiting)) yield { data };
    },
    taskExecWait: async ({ execId }: { execId: string }) => known(execId).ended,
    async taskSnapshotFilesystem({ taskId }: { taskId: string }) {
      const { box } = running(taskId);
      const imageId = `im-snapshot-${state.nextId()}`;
      const folder = join(state.folder, imageId);
      await copyFiles(box.options.folder, folder);
      state.snapshots.set(imageId, folder);
      return { imageId };
    },
  };
}

/** The client does not export the types of these messages. */
interface ExecStart {
  taskId: string;
  execId: string;
  commandArgs: string[];
  workdir?: string;
}

interface ExecInput {
  execId: string;
  data: Uint8Array;
  eof: boolean;
}
