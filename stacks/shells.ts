/**
 * Where commands run in the cloud, when `agent.config.ts` chooses the shell "ecs": a Fargate task that is started for a
 * person's work and stopped after it. Nothing runs, and nothing is billed, in between.
 */
import config from "../agent.config.ts";
import { nameOf } from "./account.ts";
import { shellImage, shellSize } from "./shell-image.ts";
import { createNetwork } from "./network.ts";

const trust = aws.iam.assumeRolePolicyForPrincipal({ Service: "ecs-tasks.amazonaws.com" });

function createTaskDefinition() {
  const logs = new aws.cloudwatch.LogGroup("ShellLogs", { name: `/talaria/${nameOf("shell")}`, retentionInDays: 30 });
  // What the agent's commands may do in AWS: nothing. No policy, and no link, which would put values in plain text here.
  const taskRole = new aws.iam.Role("ShellRole", { assumeRolePolicy: trust });
  const executionRole = new aws.iam.Role("ShellExecutionRole", {
    assumeRolePolicy: trust,
    inlinePolicies: [
      {
        name: "inline",
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [
            { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
          ],
        }).json,
      },
    ],
  });
  const definition = new aws.ecs.TaskDefinition("Shell", {
    family: nameOf("shell"),
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
    ...shellSize,
    taskRoleArn: taskRole.arn,
    executionRoleArn: executionRole.arn,
    containerDefinitions: $jsonStringify([
      {
        name: "shell",
        image: shellImage,
        essential: true,
        // The start command of a task says what to run; without one it ends at once.
        command: ["true"],
        logConfiguration: {
          logDriver: "awslogs",
          options: { "awslogs-group": logs.name, "awslogs-region": config.region, "awslogs-stream-prefix": "shell" },
        },
      },
    ]),
  });
  return { definition, taskRole, executionRole };
}

function createShell() {
  const { securityGroup, subnets } = createNetwork();
  const cluster = new aws.ecs.Cluster("Shells", { name: nameOf("shells") });
  const { definition, taskRole, executionRole } = createTaskDefinition();
  const tasks = cluster.arn.apply((arn) => `${arn.replace(":cluster/", ":task/")}/*`);
  return {
    definition: definition.arn,
    tasks,
    roles: [taskRole.arn, executionRole.arn],
    environment: {
      TALARIA_ECS_CLUSTER: cluster.name,
      TALARIA_ECS_TASK: definition.arn,
      TALARIA_ECS_SUBNETS: $util.all(subnets.map(({ id }) => id)).apply((ids) => ids.join(",")),
      TALARIA_ECS_SECURITY_GROUP: securityGroup.id,
    },
  };
}

export const shellTask = config.shell === "ecs" ? createShell() : undefined;
