/** A deployment whose config chooses the shell "ecs" and a model of Bedrock. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { componentNameOf } from "../../../stacks/names.ts";
import { arnOf, ofType, only, types } from "../harness/graph.ts";
import { isAllowed, roleOfFunction } from "../harness/policy.ts";
import { functionNames } from "./functions.ts";
import { standingCosts } from "./operations.ts";
import type { GraphCheck } from "./check.ts";

export const shellChecks: GraphCheck[] = [
  {
    name: "the commands of a shell can do nothing in this account, and no secret is with them",
    async run(graph) {
      const role = only(graph, types.role, "ShellRole");
      deepEqual(role.inputs["inlinePolicies"] ?? [], []);
      deepEqual(role.inputs["managedPolicyArns"] ?? [], []);
      for (const [action, resource] of [
        ["dynamodb:GetItem", arnOf(only(graph, types.table))],
        ["s3:GetObject", `${arnOf(only(graph, types.bucket))}/bodies/0123`],
        ["states:StartExecution", arnOf(only(graph, types.stateMachine))],
      ] as const)
        ok(!(await isAllowed(role, action, resource)), `a command may ${action}`);
      const task = only(graph, types.taskDefinition).inputs;
      equal(task["taskRoleArn"], arnOf(role));
      for (const container of JSON.parse(String(task["containerDefinitions"])) as object[])
        for (const name of ["environment", "secrets", "environmentFiles"]) ok(!(name in container), name);
    },
  },
  {
    name: "a shell's network lets nothing in, and costs nothing while it stands idle",
    run(graph) {
      const group = only(graph, types.securityGroup);
      deepEqual(group.inputs["ingress"] ?? [], []);
      equal(ofType(graph, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").length, 0);
      deepEqual(standingCosts(graph), []);
    },
  },
  {
    name: "agent-step may start, look at and stop a shell, and hand it its roles",
    async run(graph) {
      const role = roleOfFunction(graph, "AgentStep");
      const cluster = arnOf(only(graph, "aws:ecs/cluster:Cluster"));
      const task = `${cluster.replace(":cluster/", ":task/")}/0123`;
      ok(await isAllowed(role, "ecs:RunTask", arnOf(only(graph, types.taskDefinition))));
      ok(await isAllowed(role, "ecs:StopTask", task));
      ok(await isAllowed(role, "ecs:DescribeTasks", task));
      for (const passed of ["ShellRole", "ShellExecutionRole"])
        ok(await isAllowed(role, "iam:PassRole", arnOf(only(graph, types.role, passed))), passed);
      ok(!(await isAllowed(role, "iam:PassRole", arnOf(only(graph, types.role, "TurnRole")))));
    },
  },
  {
    name: "when the model is Bedrock's, agent-step alone may ask it",
    async run(graph) {
      const model = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6";
      const answers = await Promise.all(
        functionNames.map((name) =>
          isAllowed(roleOfFunction(graph, componentNameOf(name)), "bedrock:InvokeModelWithResponseStream", model),
        ),
      );
      deepEqual(
        functionNames.filter((_, index) => answers[index]),
        ["agent-step"],
      );
    },
  },
];
