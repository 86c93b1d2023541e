import { deepEqual, equal, ok } from "node:assert/strict";
import { componentNameOf } from "../../../stacks/names.ts";
import type { FunctionName } from "../../../stacks/needs.ts";
import { arnOf, only, types, type Graph } from "../harness/graph.ts";
import { isAllowed, roleOfFunction, statementsOf } from "../harness/policy.ts";
import type { Check } from "./check.ts";
import { functionNames } from "./functions.ts";

const roleOf = (graph: Graph, name: FunctionName) => roleOfFunction(graph, componentNameOf(name));
const tableArn = (graph: Graph) => arnOf(only(graph, types.table));
const bodyArn = (graph: Graph) => `${arnOf(only(graph, types.bucket))}/bodies/0123`;
const machineArn = (graph: Graph) => arnOf(only(graph, types.stateMachine));
const model = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6";

async function expectDenied(graph: Graph, name: FunctionName, requests: [action: string, resource: string][]) {
  for (const [action, resource] of requests)
    ok(!(await isAllowed(roleOf(graph, name), action, resource)), `${name} may ${action} on ${resource}`);
}

export const policyChecks: Check[] = [
  {
    name: "every function has a role of its own, which only Lambda can assume",
    run({ graph }) {
      const roles = functionNames.map((name) => roleOf(graph, name));
      equal(new Set(roles.map(({ urn }) => urn)).size, functionNames.length);
      for (const { name, inputs } of roles) {
        const policy = inputs["assumeRolePolicy"];
        const trust = (typeof policy === "string" ? JSON.parse(policy) : policy) as {
          Statement: { Principal: unknown }[];
        };
        deepEqual(
          trust.Statement.map(({ Principal }) => Principal),
          [{ Service: "lambda.amazonaws.com" }],
          name,
        );
      }
    },
  },
  {
    name: "no function may do everything of anything: no wildcard in an action, none for a whole resource",
    run({ graph }) {
      for (const name of functionNames) {
        const role = roleOf(graph, name);
        deepEqual(role.inputs["managedPolicyArns"], [], `${name} has a managed policy`);
        for (const { Action, Resource } of statementsOf(role)) {
          for (const action of Action) ok(!action.includes("*"), `${name} may ${action}`);
          for (const resource of Resource) ok(resource !== "*", `${name} may ${Action.join(", ")} on everything`);
        }
      }
    },
  },
  {
    name: "each function writes into its own log group and into no other's",
    async run({ graph }) {
      for (const name of functionNames) {
        const stream = (of: FunctionName) =>
          `${arnOf(only(graph, types.logGroup, `${componentNameOf(of)}LogGroup`))}:log-stream:2026/01/01`;
        ok(await isAllowed(roleOf(graph, name), "logs:PutLogEvents", stream(name)), `${name} cannot log`);
        for (const other of functionNames.filter((other) => other !== name))
          ok(
            !(await isAllowed(roleOf(graph, name), "logs:PutLogEvents", stream(other))),
            `${name} writes logs of ${other}`,
          );
      }
    },
  },
  {
    name: "webhooks cannot read bodies or history, ask a model, or stop a turn",
    run: ({ graph }) =>
      expectDenied(graph, "webhooks", [
        ["s3:GetObject", bodyArn(graph)],
        ["s3:PutObject", bodyArn(graph)],
        ["dynamodb:Query", tableArn(graph)],
        ["dynamodb:Scan", tableArn(graph)],
        ["dynamodb:DeleteItem", tableArn(graph)],
        ["bedrock:InvokeModel", model],
        ["states:StopExecution", `${machineArn(graph).replace(":stateMachine:", ":execution:")}:some`],
        ["lambda:InvokeFunction", arnOf(only(graph, types.function, "AgentStepFunction"))],
      ]),
  },
  {
    name: "abandon and schedule cannot ask a model or run a shell, and nobody can delete or scan",
    async run({ graph }) {
      for (const name of ["abandon", "schedule"] as const)
        await expectDenied(graph, name, [
          ["bedrock:InvokeModel", model],
          ["ecs:RunTask", "arn:aws:ecs:us-east-1:123456789012:task-definition/talaria-check-shell:1"],
        ]);
      for (const name of functionNames)
        await expectDenied(graph, name, [
          ["dynamodb:DeleteItem", tableArn(graph)],
          ["dynamodb:Scan", tableArn(graph)],
          ["s3:DeleteObject", bodyArn(graph)],
          ["s3:GetObject", "arn:aws:s3:::somebody-elses/bodies/0123"],
          ["dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:123456789012:table/somebody-elses"],
        ]);
    },
  },
  {
    name: "the curator reads and writes what a profile has learnt, and no session, no message and no body",
    async run({ graph }) {
      const [role, table, bucket] = [roleOf(graph, "curator"), tableArn(graph), arnOf(only(graph, types.bucket))];
      const may = (action: string, partition: string) =>
        isAllowed(role, action, table, { "dynamodb:LeadingKeys": [partition] });
      for (const action of ["GetItem", "PutItem", "UpdateItem", "Query"]) {
        ok(await may(`dynamodb:${action}`, "P#main"), `the curator may not ${action} its profile`);
        for (const partition of ["S#ses_1", "C#main:web::direct:a::", "W#job_1"])
          ok(!(await may(`dynamodb:${action}`, partition)), `the curator may ${action} ${partition}`);
      }
      ok(await may("dynamodb:UpdateItem", "C#main:web:mailbox:a"), "the curator cannot leave a notice");
      ok(!(await may("dynamodb:GetItem", "C#main:web:mailbox:a")), "the curator may read letters");
      for (const prefix of ["skills", "curator"])
        ok(await isAllowed(role, "s3:GetObject", `${bucket}/${prefix}/main/x`), `the curator cannot read ${prefix}`);
      await expectDenied(graph, "curator", [
        ["s3:GetObject", bodyArn(graph)],
        ["s3:PutObject", bodyArn(graph)],
        ["s3:GetObject", `${bucket}/search/main/x`],
        ["s3:DeleteObject", `${bucket}/skills/main/x`],
        ["dynamodb:Query", `${table}/index/listing`],
        ["dynamodb:Query", `${table}/index/pending`],
        ["states:StartExecution", machineArn(graph)],
      ]);
    },
  },
  {
    name: "agent-step may ask Bedrock exactly when the config's provider is Bedrock or open",
    async run({ graph, config }) {
      const mayAsk = !config.model || config.model.startsWith("bedrock");
      equal(await isAllowed(roleOf(graph, "agent-step"), "bedrock:InvokeModelWithResponseStream", model), mayAsk);
    },
  },
];
