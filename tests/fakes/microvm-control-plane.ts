/**
 * Lambda MicroVMs as far as the shell "microvm" speaks to them, on loopback: machines are real exec agents behind an
 * endpoint that wants a pass; a suspended one is frozen with its memory, and thaws when a request comes.
 */
import { randomUUID } from "node:crypto";
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { startAgentProcess, type AgentProcess, type AgentProcessOptions } from "../support/exec-agent.ts";

type State = "PENDING" | "RUNNING" | "SUSPENDED" | "TERMINATED";

interface Machine {
  id: string;
  state: State;
  endpoint: string;
  request: RunRequest;
  passes: Set<string>;
  server: Server;
  agent?: AgentProcess;
}

interface RunRequest {
  imageIdentifier: string;
  clientToken: string;
  idlePolicy: { autoResumeEnabled: boolean; maxIdleDurationSeconds: number; suspendedDurationSeconds: number };
  maximumDurationInSeconds: number;
  executionRoleArn?: string;
}

export interface MicrovmControlPlane {
  machines: Machine[];
  /** Operations that were called. */
  calls: string[];
  /** As when its life is over, or its host is lost. */
  lose(machine: Machine): Promise<void>;
  /** Requests do not wake machines any more: somebody has to ask for it. */
  autoResume: boolean;
  /** No pass that was given so far opens anything. */
  expirePasses(): void;
  close(): Promise<void>;
}

class ServiceError extends Error {
  readonly status: number;
  constructor(status: number, name: string) {
    super(name);
    this.name = name;
    this.status = status;
  }
}

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const closeServer = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

const signal = ({ agent }: Machine, name: NodeJS.Signals) => agent && process.kill(agent.pid, name);

export async function startMicrovmControlPlane(agentOptions: AgentProcessOptions = {}): Promise<MicrovmControlPlane> {
  const machines: Machine[] = [];
  const plane = { autoResume: true, calls: [] as string[] };

  async function proxy(machine: Machine, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const end = (status: number) => response.writeHead(status).end();
    if (!machine.passes.has(String(request.headers["x-aws-proxy-auth"]))) return void end(403);
    if (request.headers["x-aws-proxy-port"] !== "8080") return void end(403);
    if (machine.state === "SUSPENDED" && plane.autoResume) resume(machine);
    if (machine.state !== "RUNNING" || !machine.agent) return void end(502);
    const { method, url, headers } = request;
    const { "x-aws-proxy-auth": _, "x-aws-proxy-port": __, ...passed } = headers;
    const onward = { host: "127.0.0.1", port: machine.agent.port, method, path: url, headers: passed };
    const outgoing = forward(onward, (incoming) => {
      response.writeHead(incoming.statusCode ?? 502, incoming.headers);
      incoming.pipe(response);
    });
    outgoing.once("error", () => (response.headersSent ? response.destroy() : end(502)));
    request.pipe(outgoing);
  }

  async function run(request: RunRequest): Promise<Machine> {
    const known = machines.find((machine) => machine.request.clientToken === request.clientToken);
    if (known) return known;
    const passes = new Set<string>();
    const server = createServer((incoming, response) => void proxy(machine, incoming, response));
    const machine: Machine = { id: `vm-${randomUUID()}`, state: "PENDING", endpoint: "", request, passes, server };
    machines.push(machine);
    machine.endpoint = await listen(server);
    void startAgentProcess(agentOptions).then((agent) => Object.assign(machine, { agent, state: "RUNNING" }));
    return machine;
  }

  function suspend(machine: Machine): void {
    if (machine.state !== "RUNNING") throw new ServiceError(409, "ConflictException");
    signal(machine, "SIGSTOP");
    machine.state = "SUSPENDED";
  }

  function resume(machine: Machine): void {
    if (machine.state !== "SUSPENDED") throw new ServiceError(409, "ConflictException");
    signal(machine, "SIGCONT");
    machine.state = "RUNNING";
  }

  async function terminate(machine: Machine): Promise<void> {
    machine.state = "TERMINATED";
    await machine.agent?.kill();
  }

  const described = ({ id, state, endpoint, request }: Machine) => ({
    microvmId: id,
    state,
    endpoint,
    imageArn: request.imageIdentifier,
    imageVersion: "1.0",
    startedAt: 0,
    maximumDurationInSeconds: request.maximumDurationInSeconds,
  });

  async function operate(method: string, url: string, input: unknown): Promise<object> {
    const [, id = "", verb = ""] = /^\/2025-09-09\/microvms(?:\/([^/]+))?(?:\/([a-z-]+))?$/.exec(url) ?? [];
    plane.calls.push(`${method} ${verb || (id ? "one" : "all")}`);
    if (method === "POST" && id === "") return described(await run(input as RunRequest));
    const machine = machines.find((one) => one.id === id);
    if (!machine) throw new ServiceError(404, "ResourceNotFoundException");
    if (method === "GET") return described(machine);
    if (method === "DELETE") await terminate(machine);
    if (verb === "suspend") suspend(machine);
    if (verb === "resume") resume(machine);
    if (verb !== "auth-token") return {};
    const pass = randomUUID();
    machine.passes.add(pass);
    return { authToken: { "X-aws-proxy-auth": pass } };
  }

  const server = createServer((request, response) => {
    const answered = buffer(request).then((body) =>
      operate(request.method ?? "", decodeURIComponent(request.url ?? ""), JSON.parse(body.toString("utf8") || "{}")),
    );
    answered.then(
      (output) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(output)),
      (error: unknown) => {
        const { status = 500, name = "ServiceException" } = error as { status?: number; name?: string };
        response.writeHead(status, { "x-amzn-errortype": name }).end(JSON.stringify({ message: name }));
      },
    );
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA_MICROVMS: await listen(server),
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "made-up",
    AWS_SECRET_ACCESS_KEY: "made-up",
  });

  return Object.assign(plane, {
    machines,
    lose: terminate,
    expirePasses: () => machines.forEach(({ passes }) => passes.clear()),
    async close() {
      await Promise.all(machines.map(terminate));
      await Promise.all([server, ...machines.map((machine) => machine.server)].map(closeServer));
    },
  });
}

export const microvmSettings = {
  TALARIA_MICROVM_IMAGE: "arn:aws:lambda:us-east-1:123456789012:microvm-image:the-image",
};
