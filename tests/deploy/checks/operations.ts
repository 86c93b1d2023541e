/** What an operator counts on: alarms that reach somebody, tags, and no bill while nobody talks to the agent. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { arnOf, ofType, only, types, type Graph, type GraphResource } from "../harness/graph.ts";
import type { Check } from "./check.ts";
import { lambdaOf } from "./functions.ts";

/** Types that are billed by the hour or by the month whether or not anything happens (reference: AWS pricing pages). */
const standing =
  /natGateway|:Eip|loadbalancer|lb\/|vpcEndpoint|servicediscovery|route53|kms\/key|secretsmanager|ecs\/service|instance|provisionedConcurrency/i;

/** The one endpoint that costs nothing (AWS PrivateLink guide, "Gateway endpoints"). */
const isFree = ({ inputs }: GraphResource) => inputs["vpcEndpointType"] === "Gateway";

export const standingCosts = (graph: Graph): string[] =>
  graph.resources
    .filter((resource) => resource.isCustom && standing.test(resource.type) && !isFree(resource))
    .map(({ urn }) => urn);

export const operationChecks: Check[] = [
  {
    name: "nothing is deployed that is billed while it stands idle",
    run({ graph }) {
      deepEqual(standingCosts(graph), []);
      ok(ofType(graph, types.alarm).length <= 10, "the first ten alarms of an account are free");
    },
  },
  {
    name: "failed turns, throttles, errors and dead letters raise an alarm, and every alarm goes to the one topic",
    run({ graph }) {
      const topic = arnOf(only(graph, types.topic));
      const watched = ofType(graph, types.alarm).map(({ inputs }) => {
        deepEqual(inputs["alarmActions"], [topic]);
        return `${String(inputs["namespace"])} ${String(inputs["metricName"])}`;
      });
      for (const metric of [
        "AWS/States ExecutionsFailed",
        "AWS/States ExecutionsTimedOut",
        "AWS/Lambda Throttles",
        "AWS/Lambda Errors",
        "AWS/SQS ApproximateNumberOfMessagesVisible",
      ])
        ok(watched.includes(metric), `nothing watches ${metric}`);
    },
  },
  {
    name: "every alarm watches something that exists",
    run({ graph }) {
      const known = new Set([
        arnOf(only(graph, types.stateMachine)),
        only(graph, types.queue).outputs["name"],
        lambdaOf(graph, "webhooks").outputs["name"],
        lambdaOf(graph, "agent-step").outputs["name"],
      ]);
      for (const { name, inputs } of ofType(graph, types.alarm))
        for (const value of Object.values(inputs["dimensions"] as Record<string, string>))
          ok(known.has(value), `${name} watches ${value}`);
    },
  },
  {
    name: "the address and the budget of the config are told of trouble",
    run({ graph, config }) {
      const { email, monthlyBudgetUsd } = config.alarms;
      equal(only(graph, types.subscription).inputs["endpoint"], email);
      const { limitAmount, notifications } = only(graph, types.budget).inputs;
      equal(limitAmount, String(monthlyBudgetUsd));
      deepEqual((notifications as { subscriberEmailAddresses: unknown }[])[0]?.subscriberEmailAddresses, [email]);
    },
  },
  {
    name: "everything is tagged with app, stage and profile",
    run({ graph, config }) {
      const { tags } = JSON.parse(graph.config["aws:config:defaultTags"] ?? "{}") as { tags: unknown };
      deepEqual(tags, { "sst:app": config.name, "sst:stage": "check", "talaria:profile": config.profile });
    },
  },
  {
    name: "the shell's cluster and network exist only when agent.config.ts chooses that shell",
    run({ graph }) {
      equal(ofType(graph, types.taskDefinition).length, 0);
      equal(ofType(graph, "aws:ec2/vpc:Vpc").length, 0);
    },
  },
  {
    name: "there is one group for the schedules that people ask for",
    run: ({ graph, config }) => equal(only(graph, types.scheduleGroup).inputs["name"], `${config.name}-check-jobs`),
  },
];
