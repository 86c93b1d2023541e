/**
 * Where commands run in the cloud, when `agent.config.ts` chooses the shell "ecs": a Fargate task that is started for a
 * person's work and stopped after it. Nothing runs, and nothing is billed, in between.
 */
import config from "../agent.config.ts";
import { cloudShellOf } from "../core/base/agent-config.ts";
import { nameOf } from "./account.ts";
import { bundleAgent } from "./image-parts.ts";
import { createNetwork } from "./network.ts";
import { createRelay } from "./relay.ts";
import { privateRepositoryOf, shellSizes, startCommand, stopSeconds, taskEnvironment } from "./shell-image.ts";
import { createTaskImage, pullStatements } from "./task-image.ts";

const trust = aws.iam.assumeRolePolicyForPrincipal({ Service: "ecs-tasks.amazonaws.com" });

interface Container {
  image: $util.Input<string>;
  /** Absent: as the image begins by itself. */
  command?: Promise<string[]>;
  /** ARN of its image's repository, where that asks who pulls; else none. */
  repositories: $util.Input<string>[];
}

function ownContainer(image: string): Container {
  const repository = privateRepositoryOf(image);
  return {
    image,
    command: bundleAgent($cli.paths.root).then(startCommand),
    repositories: repository === undefined ? [] : [repository],
  };
}

/** What ECS may do to start a task: write its log and, where the registry asks who it is, pull its image. */
const startStatements = (logs: aws.cloudwatch.LogGroup, { repositories }: Pick<Container, "repositories">) => [
  { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
  ...repositories.flatMap((repository) => pullStatements(repository)),
];

function createTaskDefinition({ repositories, ...container }: Container) {
  const logs = new aws.cloudwatch.LogGroup("ShellLogs", { name: `/talaria/${nameOf("shell")}`, retentionInDays: 30 });
  const executionRole = new aws.iam.Role("ShellExecutionRole", {
    assumeRolePolicy: trust,
    inlinePolicies: [
      {
        name: "inline",
        policy: aws.iam.getPolicyDocumentOutput({ statements: startStatements(logs, { repositories }) }).json,
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
        ...container,
        environment: taskEnvironment,
        essential: true,
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
  const { image } = config.machine;
  const { container, build } =
    image === undefined ? createTaskImage() : { container: ownContainer(image), build: undefined };
  const { definition, executionRole } = createTaskDefinition(container);
  const tasks = cluster.arn.apply((arn) => `${arn.replace(":cluster/", ":task/")}/*`);
  return {
    definition: definition.arn,
    tasks,
    roles: [executionRole.arn],
    relay: relay.arn,
    build,
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
