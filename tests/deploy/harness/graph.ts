import { readFileSync } from "node:fs";

export type Values = Record<string, unknown>;

/** A resource as the stand-in engine recorded it. */
export interface GraphResource {
  urn: string;
  type: string;
  name: string;
  /** A component of SST, which groups others, is not one. */
  isCustom: boolean;
  inputs: Values;
  outputs: Values;
  /** Inputs and outputs as the state file shows them: what is marked as a secret is masked. */
  inState: Values;
  parent?: string;
  protect: boolean;
  retainOnDelete: boolean;
}

/** What one command of the CLI led to. */
export interface Graph {
  command: string;
  /** What the CLI told the engine's providers, tags included, by names such as `aws:config:region`. */
  config: Record<string, string>;
  resources: GraphResource[];
  errors: string[];
  /** Data sources that the stand-in has no answer for. */
  unknownCalls: string[];
}

/** Pulumi types of the resources that checks ask for. */
export const types = {
  function: "aws:lambda/function:Function",
  functionUrl: "aws:lambda/functionUrl:FunctionUrl",
  permission: "aws:lambda/permission:Permission",
  eventInvoke: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  role: "aws:iam/role:Role",
  table: "aws:dynamodb/table:Table",
  bucket: "aws:s3/bucket:Bucket",
  stateMachine: "aws:sfn/stateMachine:StateMachine",
  schedule: "aws:scheduler/schedule:Schedule",
  scheduleGroup: "aws:scheduler/scheduleGroup:ScheduleGroup",
  rule: "aws:cloudwatch/eventRule:EventRule",
  target: "aws:cloudwatch/eventTarget:EventTarget",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  queue: "aws:sqs/queue:Queue",
  topic: "aws:sns/topic:Topic",
  subscription: "aws:sns/topicSubscription:TopicSubscription",
  budget: "aws:budgets/budget:Budget",
  taskDefinition: "aws:ecs/taskDefinition:TaskDefinition",
  repository: "aws:ecr/repository:Repository",
  buildProject: "aws:codebuild/project:Project",
  securityGroup: "aws:ec2/securityGroup:SecurityGroup",
} as const;

export const readGraph = (file: string): Graph => JSON.parse(readFileSync(file, "utf8")) as Graph;

export const ofType = (graph: Graph, type: string): GraphResource[] =>
  graph.resources.filter((resource) => resource.type === type);

/** The only resource of its type, or the one whose logical name is given. @throws when there is none, or more than one. */
export function only(graph: Graph, type: string, name?: string): GraphResource {
  const found = ofType(graph, type).filter((resource) => name === undefined || resource.name === name);
  const [resource] = found;
  if (!resource || found.length > 1) throw new Error(`${found.length} resources are ${type} ${name ?? ""}`);
  return resource;
}

export const arnOf = (resource: GraphResource): string => String(resource.outputs["arn"]);
