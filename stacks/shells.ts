/**
 * Where commands run in the cloud, when `agent.config.ts` chooses the shell "ecs": a Fargate task that is started for a
 * person's work and stopped after it. Nothing runs, and nothing is billed, in between.
 */
import { gzipSync } from "node:zlib";
import config from "../agent.config.ts";
import { cloudShellOf } from "../core/base/agent-config.ts";
import { nameOf } from "./account.ts";
import { bundleAgent } from "./agent-bundle.ts";
import { createNetwork } from "./network.ts";
import { createRelay } from "./relay.ts";
import { imageOf, privateRepositoryOf, shellSizes, silenceSeconds, stopSeconds } from "./shell-image.ts";

/** The agent comes with the definition: no task needs a right, or an address, to fetch it. */
async function startAgent(): Promise<string> {
  const agent = gzipSync(await bundleAgent($cli.paths.root)).toString("base64");
  return [
    `echo ${agent} | base64 -d | gunzip > /opt/agent.mjs`,
    `export TALARIA_AGENT_SILENCE_SECONDS=${silenceSeconds}`,
    "exec node /opt/agent.mjs",
  ].join(" && ");
}

const trust = aws.iam.assumeRolePolicyForPrincipal({ Service: "ecs-tasks.amazonaws.com" });

const image = imageOf(config.machine);

/** What ECS may do to start a task: write its log and, from a registry of AWS that asks, pull its image. */
function startStatements(logs: aws.cloudwatch.LogGroup) {
  const repository = privateRepositoryOf(image);
  return [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
    ...(repository === undefined
      ? []
      : [
          // Known for no single repository (Service Authorization Reference, Amazon ECR).
          { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
          { actions: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], resources: [repository] },
        ]),
  ];
}

function createTaskDefinition() {
  const logs = new aws.cloudwatch.LogGroup("ShellLogs", { name: `/talaria/${nameOf("shell")}`, retentionInDays: 30 });
  const executionRole = new aws.iam.Role("ShellExecutionRole", {
    assumeRolePolicy: trust,
    inlinePolicies: [
      {
        name: "inline",
        policy: aws.iam.getPolicyDocumentOutput({ statements: startStatements(logs) }).json,
      },
    ],
  });
  const definition = new aws.ecs.TaskDefinition("Shell", {
    family: nameOf("shell"),
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    ...shellSizes[config.machine.size].task,
    // No task role: what runs in the container has no rights in AWS at all, nor an address to ask for any.
    executionRoleArn: executionRole.arn,
    containerDefinitions: $jsonStringify([
      {
        name: "shell",
        image,
        essential: true,
        command: ["sh", "-c", startAgent()],
        // Somebody has to look after processes whose parents are gone.
        linuxParameters: { initProcessEnabled: true },
        stopTimeout: stopSeconds,
        logConfiguration: {
          logDriver: "awslogs",
          options: { "awslogs-group": logs.name, "awslogs-region": config.region, "awslogs-stream-prefix": "shell" },
        },
      },
    ]),
  });
  return { definition, executionRole };
}

function createShell() {
  const { securityGroup, relayGroup, subnets } = createNetwork();
  const relay = createRelay({ subnets: subnets.map(({ id }) => id), securityGroup: relayGroup.id });
  const cluster = new aws.ecs.Cluster("Shells", { name: nameOf("shells") });
  const { definition, executionRole } = createTaskDefinition();
  const tasks = cluster.arn.apply((arn) => `${arn.replace(":cluster/", ":task/")}/*`);
  return {
    definition: definition.arn,
    tasks,
    roles: [executionRole.arn],
    relay: relay.arn,
    environment: {
      TALARIA_ECS_CLUSTER: cluster.name,
      TALARIA_ECS_TASK: definition.arn,
      TALARIA_ECS_SUBNETS: $util.all(subnets.map(({ id }) => id)).apply((ids) => ids.join(",")),
      TALARIA_ECS_SECURITY_GROUP: securityGroup.id,
      TALARIA_RELAY_FUNCTION: relay.name,
    },
  };
}

export const shellTask = cloudShellOf(config) === "ecs" ? createShell() : undefined;
