/** Deployments whose config chooses a shell in the cloud, and a model of Bedrock. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { componentNameOf } from "../../../stacks/names.ts";
import { gunzipSync } from "node:zlib";
import { agentPort } from "../../../core/shells/exec-agent/protocol.ts";
import { imageParts, tagOf } from "../../../stacks/image-parts.ts";
import { buildSpecification } from "../../../stacks/shell-image.ts";
import { arnOf, ofType, only, types, type Graph } from "../harness/graph.ts";
import { environmentOf } from "../harness/package.ts";
import { repository } from "../harness/working-copy.ts";
import { isAllowed, roleOfFunction, statementsOf } from "../harness/policy.ts";
import { functionNames } from "./functions.ts";
import { standingCosts } from "./operations.ts";
import type { GraphCheck } from "./check.ts";

/** The functions that work with the shell, by their components. */
const users = ["AgentStep", "Shell"];

const snapshot = (graph: Graph) => `${arnOf(only(graph, types.bucket))}/snapshots/main_1/machine.tar.zst`;

async function expectAllowed(graph: Graph, component: string, requests: [action: string, resource: string][]) {
  const role = roleOfFunction(graph, component);
  for (const [action, resource] of requests)
    ok(await isAllowed(role, action, resource), `${component} may not ${action} on ${resource}`);
}

/** Actions that the simulator has not heard of yet: what a role says in so many words. */
const statesOf = (graph: Graph, component: string, action: string) =>
  statementsOf(roleOfFunction(graph, component))
    .filter(({ Action }) => Action.includes(action))
    .flatMap(({ Resource }) => Resource);

const containerOf = (graph: Graph) =>
  (
    JSON.parse(String(only(graph, types.taskDefinition).inputs["containerDefinitions"])) as {
      image: string;
      command?: string[];
      environment: { name: string; value: string }[];
      stopTimeout: number;
      linuxParameters: object;
    }[]
  )[0];

const networkOfRelay = (graph: Graph) =>
  only(graph, types.function, "ShellRelayFunction").inputs["vpcConfig"] as {
    subnetIds: string[];
    securityGroupIds: string[];
  };

const bedrockCheck: GraphCheck = {
  name: "when the model is Bedrock's, the step, the review and the curator alone may ask it",
  async run(graph) {
    const model = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6";
    const answers = await Promise.all(
      functionNames.map((name) =>
        isAllowed(roleOfFunction(graph, componentNameOf(name)), "bedrock:InvokeModelWithResponseStream", model),
      ),
    );
    deepEqual(
      functionNames.filter((_, index) => answers[index]),
      ["agent-step", "review", "curator"],
    );
  },
};

/** Of a checked deployment with the shell "ecs": in a registry that asks who pulls. */
export const ownImage = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/shell:1";

const repositoryArn = (name: string) => `arn:aws:ecr:us-east-1:123456789012:repository/${name}`;

/** ECS may pull the task's image, and no other. */
async function expectPulls(graph: Graph, repositoryName: string) {
  const execution = only(graph, types.role, "ShellExecutionRole");
  for (const action of ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]) {
    ok(await isAllowed(execution, action, repositoryArn(repositoryName)), `the task's image: no ${action}`);
    ok(!(await isAllowed(execution, action, repositoryArn("other"))), `any image: ${action}`);
  }
}

export const ecsChecks: GraphCheck[] = [
  bedrockCheck,
  {
    name: "the commands of a shell have no rights in this account, and no secret is with them",
    run(graph) {
      const task = only(graph, types.taskDefinition).inputs;
      equal(task["taskRoleArn"], undefined, "a task role would be in every command's reach");
      const execution = only(graph, types.role, "ShellExecutionRole");
      deepEqual(execution.inputs["managedPolicyArns"] ?? [], []);
      for (const action of statementsOf(execution).flatMap(({ Action }) => Action))
        match(
          action,
          /^(logs:(CreateLogStream|PutLogEvents)|ecr:(GetAuthorizationToken|BatchGetImage|GetDownloadUrlForLayer))$/,
        );
      const container = containerOf(graph);
      deepEqual(container?.environment, [{ name: "TALARIA_AGENT_SILENCE_SECONDS", value: "1800" }]);
      for (const name of ["secrets", "environmentFiles"]) ok(!(name in (container ?? {})), name);
    },
  },
  {
    name: "a task runs our image under the tag that npm run deploy builds, pulled from that one repository, and it begins by itself",
    async run(graph) {
      const container = containerOf(graph);
      const { outputs } = only(graph, types.repository);
      equal(container?.image, `${String(outputs["repositoryUrl"])}:${tagOf(await imageParts(repository))}`);
      ok(!("command" in (container ?? {})));
      await expectPulls(graph, String(outputs["name"]));
    },
  },
  {
    name: "the repository keeps the last three images under tags that nobody moves, and goes with the deployment",
    run(graph) {
      const { inputs, retainOnDelete } = only(graph, types.repository);
      match(String(inputs["name"]), /^[a-z0-9]+([._-][a-z0-9]+)*$/);
      equal(inputs["imageTagMutability"], "IMMUTABLE");
      ok(inputs["forceDelete"] === true && !retainOnDelete);
      const { policy } = only(graph, "aws:ecr/lifecyclePolicy:LifecyclePolicy").inputs;
      const { rules } = JSON.parse(String(policy)) as { rules: { selection: unknown; action: unknown }[] };
      deepEqual(
        rules.map(({ selection, action }) => [selection, action]),
        [[{ tagStatus: "any", countType: "imageCountMoreThan", countNumber: 3 }, { type: "expire" }]],
      );
    },
  },
  {
    name: "the build reads the parts of images, pushes to that repository and logs, and may do nothing else",
    async run(graph) {
      const role = only(graph, types.role, "ShellImageRole");
      deepEqual(role.inputs["managedPolicyArns"] ?? [], []);
      const parts = arnOf(only(graph, types.bucket));
      ok(await isAllowed(role, "s3:GetObject", `${parts}/shell-image/0a1b.zip`));
      for (const key of ["bodies/0a1b", "snapshots/main_1/machine.tar.zst", "shell-images"])
        ok(!(await isAllowed(role, "s3:GetObject", `${parts}/${key}`)), key);
      const own = arnOf(only(graph, types.repository));
      for (const action of ["PutImage", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"]) {
        ok(await isAllowed(role, `ecr:${action}`, own), action);
        ok(!(await isAllowed(role, `ecr:${action}`, repositoryArn("other"))), action);
      }
      ok(await isAllowed(role, "ecr:BatchCheckLayerAvailability", own));
      for (const { Action, Resource } of statementsOf(role))
        ok(!Resource.includes("*") || Action.join() === "ecr:GetAuthorizationToken", Action.join());
      for (const action of statementsOf(role).flatMap(({ Action }) => Action))
        match(
          action,
          /^(s3:GetObject(Version)?|s3:GetBucket(Acl|Location)|ecr:\w+|logs:(CreateLogStream|PutLogEvents))$/,
        );
    },
  },
  {
    name: "the build is asked for by npm run deploy alone, on arm64, outside of any network, and ends after twenty minutes",
    run(graph) {
      const { inputs } = only(graph, types.buildProject);
      const environment = inputs["environment"] as Record<string, unknown>;
      equal(environment["type"], "ARM_CONTAINER");
      equal(environment["computeType"], "BUILD_GENERAL1_SMALL");
      equal(environment["privilegedMode"], true);
      const url = only(graph, types.repository).outputs["repositoryUrl"];
      deepEqual(environment["environmentVariables"], [{ name: "REPOSITORY", value: url }]);
      const source = inputs["source"] as Record<string, unknown>;
      equal(source["location"], `${String(only(graph, types.bucket).outputs["bucket"])}/shell-image/`);
      deepEqual(JSON.parse(String(source["buildspec"])), buildSpecification);
      equal(inputs["buildTimeout"], 20);
      ok(!("vpcConfig" in inputs) && !("concurrentBuildLimit" in inputs));
      equal(ofType(graph, "aws:codebuild/webhook:Webhook").length, 0);
    },
  },
  {
    name: "a task is given time for a last save, and has somebody to look after orphans",
    run(graph) {
      const container = containerOf(graph);
      equal(container?.stopTimeout, 120);
      deepEqual(container?.linuxParameters, { initProcessEnabled: true });
    },
  },
  {
    name: "a shell lets in the relay alone, on one port, and nothing of the network costs anything while it stands idle",
    run(graph) {
      const [shells, relay] = ["ShellSecurityGroup", "RelaySecurityGroup"].map((name) =>
        only(graph, types.securityGroup, name),
      );
      const rules = shells?.inputs["ingress"] as { fromPort: number; toPort: number; securityGroups: unknown[] }[];
      equal(rules.length, 1);
      equal(rules[0]?.fromPort, agentPort);
      equal(rules[0]?.toPort, agentPort);
      deepEqual(rules[0]?.securityGroups, networkOfRelay(graph).securityGroupIds);
      ok(!("cidrBlocks" in (rules[0] ?? {})), "an address may call an agent");
      deepEqual(relay?.inputs["ingress"] ?? [], []);
      equal(ofType(graph, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").length, 0);
      deepEqual(standingCosts(graph), []);
    },
  },
  {
    name: "the relay is in the shells' network, and may do nothing but join it and log",
    run(graph) {
      const network = networkOfRelay(graph);
      equal(network.subnetIds.length, 2);
      equal(network.securityGroupIds.length, 1);
      const role = roleOfFunction(graph, "ShellRelay");
      deepEqual(role.inputs["managedPolicyArns"], []);
      for (const action of statementsOf(role).flatMap(({ Action }) => Action))
        match(action, /^(logs:(CreateLogStream|PutLogEvents)|ec2:\w+(NetworkInterfaces?|Subnets|PrivateIpAddresses))$/);
      equal(ofType(graph, types.functionUrl).filter(({ name }) => name.startsWith("ShellRelay")).length, 0);
    },
  },
  {
    name: "agent-step and shell may start, look at and stop a shell, hand it its role, speak to it and sign for its files",
    async run(graph) {
      const cluster = arnOf(only(graph, "aws:ecs/cluster:Cluster"));
      const task = `${cluster.replace(":cluster/", ":task/")}/0123`;
      for (const user of users) {
        await expectAllowed(graph, user, [
          ["ecs:RunTask", arnOf(only(graph, types.taskDefinition))],
          ["ecs:StopTask", task],
          ["ecs:DescribeTasks", task],
          ["iam:PassRole", arnOf(only(graph, types.role, "ShellExecutionRole"))],
          ["lambda:InvokeFunction", arnOf(only(graph, types.function, "ShellRelayFunction"))],
          ["s3:GetObject", snapshot(graph)],
          ["s3:PutObject", snapshot(graph)],
        ]);
        const role = roleOfFunction(graph, user);
        ok(!(await isAllowed(role, "iam:PassRole", arnOf(only(graph, types.role, "TurnRole")))));
        ok(!(await isAllowed(role, "lambda:InvokeFunction", arnOf(only(graph, types.function, "WebhooksFunction")))));
      }
      for (const other of ["Webhooks", "Abandon", "Schedule"])
        ok(
          !(await isAllowed(roleOfFunction(graph, other), "s3:GetObject", snapshot(graph))),
          `${other} reads snapshots`,
        );
    },
  },
];

/** With an image of the owner's. */
export const ownImageChecks: GraphCheck[] = [
  {
    name: "a task runs the image that the config names, pulled from that private repository, and nothing is there to build one",
    async run(graph) {
      equal(containerOf(graph)?.image, ownImage);
      await expectPulls(graph, "team/shell");
      for (const type of [types.repository, types.buildProject]) equal(ofType(graph, type).length, 0);
    },
  },
  {
    name: "a task brings its exec agent",
    run(graph) {
      const [, code = ""] =
        /^echo ([\w+/=]+) \| base64 -d \| gunzip > /.exec(containerOf(graph)?.command?.[2] ?? "") ?? [];
      match(gunzipSync(Buffer.from(code, "base64")).toString("utf8"), /TALARIA_AGENT_/);
      // What AWS allows for a task definition: 64 KB (Amazon ECS service quotas).
      ok(JSON.stringify(only(graph, types.taskDefinition).inputs).length < 60_000);
    },
  },
];

export const microvmChecks: GraphCheck[] = [
  {
    name: "a MicroVM needs no network and no role of ours: nothing but the role that builds its image is deployed",
    run(graph) {
      equal(ofType(graph, "aws:ec2/vpc:Vpc").length, 0);
      equal(ofType(graph, types.taskDefinition).length, 0);
      const build = only(graph, types.role, "ShellImageRole");
      for (const { Action, Resource } of statementsOf(build)) {
        deepEqual(Action, ["s3:GetObject"]);
        deepEqual(Resource, [`${arnOf(only(graph, types.bucket))}/shell-image/*`]);
      }
      deepEqual(standingCosts(graph), []);
    },
  },
  {
    name: "agent-step and shell know the image by its name and may run its machines, and nobody else may",
    async run(graph) {
      const image = String(environmentOf(only(graph, types.function, "AgentStepFunction"))["TALARIA_MICROVM_IMAGE"]);
      match(image, /^arn:aws:lambda:us-east-1:123456789012:microvm-image:[\w-]+-shell$/);
      const actions = ["RunMicrovm", "GetMicrovm", "SuspendMicrovm", "ResumeMicrovm", "TerminateMicrovm"].concat(
        "CreateMicrovmAuthToken",
      );
      for (const component of functionNames.map(componentNameOf))
        for (const action of actions)
          deepEqual(
            statesOf(graph, component, `lambda:${action}`),
            users.includes(component) ? [image] : [],
            component,
          );
      for (const user of users) await expectAllowed(graph, user, [["s3:PutObject", snapshot(graph)]]);
    },
  },
];
