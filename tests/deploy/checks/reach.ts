/** Whatever calls a function may call it: schedules, the rule on failed turns, the internet. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { manifest, type ScheduleSpec } from "../../../stacks/manifest.ts";
import { componentNameOf } from "../../../stacks/names.ts";
import type { FunctionName } from "../../../stacks/needs.ts";
import { arnOf, ofType, only, types, type Graph, type GraphResource } from "../harness/graph.ts";
import { isAllowed, roleNamed } from "../harness/policy.ts";
import type { Check } from "./check.ts";
import { lambdaOf } from "./functions.ts";

interface Target {
  arn: string;
  roleArn: string;
  input: string;
  retryPolicy: { maximumRetryAttempts: number };
  deadLetterConfig: { arn: string };
}

const permissionsFor = (graph: Graph, name: FunctionName) => {
  const { inputs } = lambdaOf(graph, name);
  return ofType(graph, types.permission).filter((permission) => permission.inputs["function"] === inputs["name"]);
};

const queueArn = (graph: Graph) => arnOf(only(graph, types.queue));

export const reachChecks: Check[] = [
  {
    name: "every schedule of the manifest exists, invokes its function, tries again, and ends in the dead-letter queue",
    async run({ graph }) {
      const schedules: Record<string, ScheduleSpec> = manifest.schedules;
      equal(ofType(graph, types.schedule).length, Object.keys(schedules).length);
      for (const [name, spec] of Object.entries(schedules)) {
        const { inputs } = only(graph, types.schedule, `${componentNameOf(name)}Schedule`);
        const target = inputs["target"] as Target;
        equal(inputs["scheduleExpression"], spec.expression);
        deepEqual(JSON.parse(target.input), spec.input);
        equal(target.arn, arnOf(lambdaOf(graph, spec.function as FunctionName)));
        const role = roleNamed(graph, target.roleArn);
        ok(await isAllowed(role, "lambda:InvokeFunction", target.arn), `${name} may not invoke ${target.arn}`);
        ok(target.retryPolicy.maximumRetryAttempts > 0, `${name} is not tried again`);
        equal(target.deadLetterConfig.arn, queueArn(graph));
        ok(await isAllowed(role, "sqs:SendMessage", queueArn(graph)));
      }
    },
  },
  {
    name: "turns that failed, timed out or were aborted reach the function that looks after them",
    run({ graph }) {
      const rule = only(graph, types.rule);
      deepEqual(JSON.parse(String(rule.inputs["eventPattern"])), {
        source: ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        detail: {
          status: ["FAILED", "TIMED_OUT", "ABORTED"],
          stateMachineArn: [arnOf(only(graph, types.stateMachine))],
        },
      });
      const target = only(graph, types.target);
      const onFailure = manifest.machines.turn.onFailure;
      equal(target.inputs["rule"], rule.outputs["name"]);
      equal(target.inputs["arn"], arnOf(lambdaOf(graph, onFailure)));
      const permission = permissionsFor(graph, onFailure).find(({ inputs }) => inputs["sourceArn"] === arnOf(rule));
      equal(permission?.inputs["principal"], "events.amazonaws.com");
      equal(permission?.inputs["action"], "lambda:InvokeFunction");
      deepEqual(target.inputs["deadLetterConfig"], { arn: queueArn(graph) });
      const policy = String(only(graph, "aws:sqs/queuePolicy:QueuePolicy").inputs["policy"]);
      ok(policy.includes(arnOf(rule)) && policy.includes("sqs:SendMessage"), "EventBridge may not fill the queue");
    },
  },
  {
    name: "the ingress and the doorbells of jobs may be called by the internet, both ways that AWS asks for, and nothing else may",
    run({ graph }) {
      const open = ofType(graph, types.permission).filter(({ inputs }) => inputs["principal"] === "*");
      const allowed = [...permissionsFor(graph, "webhooks"), ...permissionsFor(graph, "shell")];
      const urnsOf = (resources: GraphResource[]) => resources.map(({ urn }) => urn).sort();
      deepEqual(urnsOf(open), urnsOf(allowed.filter(({ inputs }) => inputs["principal"] === "*")));
      deepEqual(
        new Set(open.map(({ inputs }) => inputs["action"])),
        new Set(["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"]),
      );
    },
  },
  {
    name: "an event that a function could not handle ends in the dead-letter queue, too",
    async run({ graph }) {
      const handlers = new Set([...Object.values(manifest.schedules).map((spec) => spec.function), "review"]);
      equal(ofType(graph, types.eventInvoke).length, handlers.size);
      for (const { inputs } of ofType(graph, types.eventInvoke)) {
        deepEqual(inputs["destinationConfig"], { onFailure: { destination: queueArn(graph) } });
        const handler = ofType(graph, types.function).find(({ outputs }) => outputs["name"] === inputs["functionName"]);
        ok(handler, "the function does not exist");
        ok(await isAllowed(roleNamed(graph, handler.inputs["role"]), "sqs:SendMessage", queueArn(graph)));
      }
    },
  },
];
