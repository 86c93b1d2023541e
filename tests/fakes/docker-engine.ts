/**
 * The parts of the Docker Engine API that the docker shell uses, on a unix socket, with real processes in bubblewrap
 * in the place of containers. https://docs.docker.com/reference/api/engine/
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "./bubblewrap-container.ts";

interface Container {
  id: string;
  body: { Image: string; Labels: Record<string, string>; HostConfig: Record<string, unknown> };
  temporary: string;
  /** Undefined while it is stopped. */
  sandbox: Promise<Sandbox> | undefined;
}

interface ExecRecord {
  container: string;
  command: string[];
  exitCode: number | null;
}

export interface FakeDocker {
  socketPath: string;
  /** Method and path of every request, in order. */
  calls: string[];
  containers: Map<string, Container>;
  /** Images that need not be fetched. */
  images: Set<string>;
  /** What fetching an image ends with; absent: it works. */
  pullFailure?: string;
  /** As if somebody had removed the container by hand. */
  vanish(name: string): Promise<void>;
  close(): Promise<void>;
}

type Route = (match: string[], body: string, query: URLSearchParams) => Promise<[status: number, body?: unknown]>;

export async function startFakeDocker(): Promise<FakeDocker> {
  const root = await mkdtemp(join(tmpdir(), "talaria-docker-"));
  const execs = new Map<string, ExecRecord>();
  const fake: FakeDocker = {
    socketPath: join(root, "docker.sock"),
    calls: [],
    containers: new Map(),
    images: new Set(),
    async vanish(name) {
      await (await fake.containers.get(name)?.sandbox)?.stop();
      fake.containers.delete(name);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all([...fake.containers.keys()].map((name) => fake.vanish(name)));
      await rm(root, { recursive: true, force: true });
    },
  };
  const routes = routesOf(fake, root, execs);
  const server = createServer((request, response) => {
    fake.calls.push(`${request.method} ${request.url}`);
    void answer(routes, request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    fake.calls.push(`${request.method} ${request.url}`);
    const exec = execs.get(/^\/exec\/(\w+)\/start$/.exec(request.url ?? "")?.[1] ?? "");
    const sandbox = fake.containers.get(exec?.container ?? "")?.sandbox;
    if (exec === undefined || sandbox === undefined) return void socket.end("HTTP/1.1 409 Conflict\r\n\r\n");
    const bodyBytes = Number(request.headers["content-length"]);
    void sandbox.then((running) => hijack(exec, running, { socket, head, bodyBytes }));
  });
  await new Promise<void>((resolve) => server.listen(fake.socketPath, resolve));
  return fake;
}

async function answer(
  routes: Record<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://docker");
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  for (const [pattern, route] of Object.entries(routes)) {
    const match = new RegExp(`^${pattern}$`).exec(`${request.method} ${url.pathname}`);
    if (match === null) continue;
    const [status, body] = await route(match.slice(1), Buffer.concat(chunks).toString(), url.searchParams);
    response.writeHead(status, { "content-type": "application/json" });
    // A progress stream has one object a line.
    return void response.end(
      Array.isArray(body) ? body.map((line) => `${JSON.stringify(line)}\r\n`).join("") : JSON.stringify(body),
    );
  }
  response.writeHead(501).end(JSON.stringify({ message: "this fake does not know the request" }));
}

const missing = (what: string): [number, unknown] => [404, { message: `No such ${what}` }];

function routesOf(fake: FakeDocker, root: string, execs: Map<string, ExecRecord>): Record<string, Route> {
  const volumes = new Set<string>();
  const folderOf = (name: string) => join(root, "volumes", name);
  return {
    "POST /containers/create": async (_match, text, query) => {
      const name = query.get("name") ?? "";
      const body = JSON.parse(text) as Container["body"];
      if (fake.containers.has(name)) return [409, { message: `The name ${name} is already in use` }];
      if (!fake.images.has(body.Image)) return missing(`image: ${body.Image}`);
      volumes.add(name);
      await mkdir(folderOf(name), { recursive: true });
      const temporary = await mkdtemp(join(root, "tmp-"));
      fake.containers.set(name, { id: randomUUID(), body, temporary, sandbox: undefined });
      return [201, { Id: fake.containers.get(name)?.id, Warnings: [] }];
    },
    "GET /containers/([\\w.-]+)/json": async ([name = ""]) => {
      const container = fake.containers.get(name);
      if (container === undefined) return missing(`container: ${name}`);
      return [
        200,
        {
          Id: container.id,
          State: { Running: container.sandbox !== undefined },
          Config: { Labels: container.body.Labels },
        },
      ];
    },
    "POST /containers/([\\w.-]+)/start": async ([name = ""]) => {
      const container = fake.containers.get(name);
      if (container === undefined) return missing(`container: ${name}`);
      if (container.sandbox !== undefined) return [304];
      container.sandbox = startSandbox({ workspace: folderOf(name), temporary: container.temporary });
      await container.sandbox;
      return [204];
    },
    "POST /containers/([\\w.-]+)/stop": async ([name = ""]) => {
      const container = fake.containers.get(name);
      if (container === undefined) return missing(`container: ${name}`);
      if (container.sandbox === undefined) return [304];
      await (await container.sandbox).stop();
      container.sandbox = undefined;
      return [204];
    },
    "DELETE /containers/([\\w.-]+)": async ([name = ""]) => {
      if (!fake.containers.has(name)) return missing(`container: ${name}`);
      await fake.vanish(name);
      return [204];
    },
    "GET /volumes/([\\w.-]+)": async ([name = ""]) =>
      volumes.has(name) ? [200, { Name: name }] : missing(`volume: ${name}`),
    "POST /images/create": async (_match, _text, query) => {
      if (fake.pullFailure !== undefined) return [200, [{ status: "Pulling" }, { error: fake.pullFailure }]];
      fake.images.add(`${query.get("fromImage")}:${query.get("tag")}`);
      return [200, [{ status: "Pulling" }, { status: "Downloaded" }]];
    },
    "POST /containers/([\\w.-]+)/exec": async ([name = ""], text) => {
      if (fake.containers.get(name)?.sandbox === undefined)
        return [409, { message: `Container ${name} is not running` }];
      const id = randomUUID().replaceAll("-", "");
      execs.set(id, { container: name, command: (JSON.parse(text) as { Cmd: string[] }).Cmd, exitCode: null });
      return [201, { Id: id }];
    },
    "GET /exec/(\\w+)/json": async ([id = ""]) => {
      const exec = execs.get(id);
      return exec === undefined
        ? missing(`exec: ${id}`)
        : [200, { ExitCode: exec.exitCode, Running: exec.exitCode === null }];
    },
  };
}

/** The connection becomes the command's: its input as it is, its outputs in frames, each with a header of eight bytes. */
function hijack(
  exec: ExecRecord,
  sandbox: Sandbox,
  { socket, head, bodyBytes }: { socket: Duplex; head: Buffer; bodyBytes: number },
): void {
  socket.write(
    "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
  );
  const child = sandbox.exec(exec.command);
  let skip = bodyBytes;
  const feed = (chunk: Buffer) => {
    const rest = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - rest.length;
    if (rest.length > 0) child.stdin?.write(rest);
  };
  feed(head);
  child.stdin?.on("error", () => {});
  socket.on("error", () => {});
  socket.on("data", feed).on("end", () => child.stdin?.end());
  const frame = (kind: number) => (chunk: Buffer) => {
    const header = Buffer.from([kind, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(chunk.length, 4);
    // As a busy engine would: the reader must slow the writer down.
    if (socket.write(Buffer.concat([header, chunk]))) return;
    child.stdout?.pause();
    socket.once("drain", () => child.stdout?.resume());
  };
  child.stdout?.on("data", frame(1));
  child.stderr?.on("data", frame(2));
  child.on("close", (code) => {
    exec.exitCode = code ?? 137;
    socket.end();
  });
}
