/**
 * ECS and Lambda as far as the shell "ecs" speaks to them, on loopback: tasks are real exec agents, each on an address
 * of its own, and Lambda's one function is the real relay.
 */
import { randomInt, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { handler as relay } from "../../functions/relay/handler.ts";
import { taskEnvironment } from "../../stacks/shell-image.ts";
import { ownContainer, startAgentProcess, type AgentProcess, type AgentProcessOptions } from "../support/exec-agent.ts";

interface Task {
  arn: string;
  address: string;
  lastStatus: string;
  stoppedReason?: string;
  agent?: AgentProcess;
  request: RunTaskRequest;
}

interface RunTaskRequest {
  cluster: string;
  taskDefinition: string;
  clientToken: string;
  launchType: string;
  networkConfiguration: {
    awsvpcConfiguration: { subnets: string[]; securityGroups: string[]; assignPublicIp: string };
  };
  overrides: { containerOverrides: { name: string; environment: { name: string; value: string }[] }[] };
}

export interface EcsControlPlane {
  tasks: Task[];
  /** Invocations of the relay. */
  relayed: { to: string; method: string; path: string }[];
  /** The next task to be started stops before it runs, for this reason. */
  failNext(reason: string): void;
  /** As when its host is lost. */
  lose(task: Task): Promise<void>;
  /** As when AWS retires it: SIGTERM, then its end. */
  retire(task: Task): Promise<void>;
  close(): Promise<void>;
}

/** A task's definition with our image, which begins by itself, and one with an image of the owner's. */
const definitions: Record<string, () => Promise<AgentProcessOptions>> = {
  "the-task:1": async () => ({}),
  "own-image:1": async () => ({ container: await ownContainer() }),
};

const target = "AmazonEC2ContainerServiceV20141113.";

/** Makes the SDK clients of this process reach it, by the environment names that they know. */
export async function startEcsControlPlane(agentOptions: AgentProcessOptions = {}): Promise<EcsControlPlane> {
  const tasks: Task[] = [];
  const relayed: EcsControlPlane["relayed"] = [];
  let failing: string | undefined;

  async function start(task: Task): Promise<void> {
    const overrides = task.request.overrides.containerOverrides[0]?.environment ?? [];
    const given = Object.fromEntries([...taskEnvironment, ...overrides].map(({ name, value }) => [name, value]));
    const place = { TALARIA_AGENT_HOST: task.address, TALARIA_AGENT_PORT: "8080" };
    const definition = await definitions[task.request.taskDefinition]?.();
    const agent = await startAgentProcess({ ...agentOptions, ...definition, environment: { ...given, ...place } });
    task.agent = agent;
    task.lastStatus = "RUNNING";
    void agent.exited.then(() => (task.lastStatus = "STOPPED"));
  }

  function runTask(request: RunTaskRequest): Task {
    const known = tasks.find((task) => task.request.clientToken === request.clientToken);
    if (known && JSON.stringify(known.request) !== JSON.stringify(request)) throw new Error("ConflictException");
    if (known) return known;
    const arn = `arn:aws:ecs:us-east-1:123456789012:task/${request.cluster}/${randomUUID()}`;
    const address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 254)}`;
    const task: Task = { arn, address, lastStatus: "PROVISIONING", request };
    tasks.push(task);
    if (failing === undefined) void start(task);
    else Object.assign(task, { lastStatus: "STOPPED", stoppedReason: failing });
    failing = undefined;
    return task;
  }

  const described = ({ arn, address, lastStatus, stoppedReason }: Task) => ({
    taskArn: arn,
    lastStatus,
    stoppedReason,
    attachments: [{ type: "ElasticNetworkInterface", details: [{ name: "privateIPv4Address", value: address }] }],
  });

  const operations: Record<string, (input: never) => object | Promise<object>> = {
    RunTask: (input: RunTaskRequest) => ({ tasks: [described(runTask(input))], failures: [] }),
    DescribeTasks: ({ tasks: arns }: { tasks: string[] }) => ({
      tasks: tasks.filter(({ arn }) => arns.includes(arn)).map(described),
      failures: arns
        .filter((arn) => !tasks.some((task) => task.arn === arn))
        .map((arn) => ({ arn, reason: "MISSING" })),
    }),
    async StopTask({ task: arn }: { task: string }) {
      const task = tasks.find((one) => one.arn === arn);
      if (task?.agent && task.lastStatus === "RUNNING") {
        task.lastStatus = "STOPPING";
        await task.agent.stop();
      }
      return {};
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const input: unknown = JSON.parse((await buffer(request)).toString("utf8"));
    response.setHeader("content-type", "application/x-amz-json-1.1");
    if (request.url?.endsWith("/functions/the-relay/invocations")) {
      relayed.push(input as EcsControlPlane["relayed"][number]);
      const payload = JSON.stringify(await relay(input));
      // What Lambda carries at most (Lambda quotas).
      if (payload.length > 6_291_556) response.setHeader("x-amz-function-error", "Unhandled");
      return void response.end(payload.length > 6_291_556 ? "{}" : payload);
    }
    const operation = String(request.headers["x-amz-target"]).replace(target, "");
    response.end(JSON.stringify(await operations[operation]?.(input as never)));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(400).end(JSON.stringify({ __type: "ClientException", message: String(error) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_ECS: url,
    AWS_ENDPOINT_URL_LAMBDA: url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "made-up",
    AWS_SECRET_ACCESS_KEY: "made-up",
  });

  return {
    tasks,
    relayed,
    failNext: (reason) => void (failing = reason),
    lose: async ({ agent }) => agent?.kill(),
    retire: async ({ agent }) => void (await agent?.stop()),
    async close() {
      await Promise.all(tasks.map(async ({ agent }) => agent?.kill()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The settings with which the shell finds it. */
export const ecsSettings = {
  TALARIA_ECS_CLUSTER: "the-cluster",
  TALARIA_ECS_TASK: "the-task:1",
  TALARIA_ECS_SUBNETS: "subnet-a,subnet-b",
  TALARIA_ECS_SECURITY_GROUP: "sg-shells",
  TALARIA_RELAY_FUNCTION: "the-relay",
};

/** Where the owner has an image of their own. */
export const ownImageSettings = { ...ecsSettings, TALARIA_ECS_TASK: "own-image:1" };
