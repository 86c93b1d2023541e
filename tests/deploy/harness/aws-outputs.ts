/** What AWS would answer to the creation of a resource, as far as our program looks at it: names, ids and ARNs. */
import { createHash } from "node:crypto";
import type { Values } from "./graph.ts";

/** The account that AWS's own examples use. */
export const account = "123456789012";
export const region = "us-east-1";

/** Stable from run to run, as a test wants it. */
export const digest = (text: string, length = 8): string =>
  createHash("sha256").update(text).digest("hex").slice(0, length);

interface Creation {
  type: string;
  name: string;
  inputs: Values;
}

const regional = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;

/** How an ARN is made of a physical name, where it is not `arn:aws:<service>:<region>:<account>:<name>`. */
const arnForms: Record<string, (name: string) => string> = {
  "aws:lambda/function:Function": (name) => regional("lambda", `function:${name}`),
  "aws:dynamodb/table:Table": (name) => regional("dynamodb", `table/${name}`),
  "aws:s3/bucket:Bucket": (name) => `arn:aws:s3:::${name}`,
  "aws:iam/role:Role": (name) => `arn:aws:iam::${account}:role/${name}`,
  "aws:sfn/stateMachine:StateMachine": (name) => regional("states", `stateMachine:${name}`),
  "aws:cloudwatch/logGroup:LogGroup": (name) => regional("logs", `log-group:${name}`),
  "aws:cloudwatch/eventRule:EventRule": (name) => regional("events", `rule/${name}`),
  "aws:ecs/taskDefinition:TaskDefinition": (name) => regional("ecs", `task-definition/${name}:1`),
  "aws:ecs/cluster:Cluster": (name) => regional("ecs", `cluster/${name}`),
  "aws:ecr/repository:Repository": (name) => regional("ecr", `repository/${name}`),
  "aws:codebuild/project:Project": (name) => regional("codebuild", `project/${name}`),
  "aws:scheduler/schedule:Schedule": (name) => regional("scheduler", `schedule/default/${name}`),
  "aws:scheduler/scheduleGroup:ScheduleGroup": (name) => regional("scheduler", `schedule-group/${name}`),
};

/** Resources whose id is not their name. */
const idForms: Record<string, (name: string) => string> = {
  "aws:ec2/vpc:Vpc": (name) => `vpc-${digest(name)}`,
  "aws:ec2/subnet:Subnet": (name) => `subnet-${digest(name)}`,
  "aws:ec2/securityGroup:SecurityGroup": (name) => `sg-${digest(name)}`,
  "aws:ec2/internetGateway:InternetGateway": (name) => `igw-${digest(name)}`,
  "aws:ec2/routeTable:RouteTable": (name) => `rtb-${digest(name)}`,
  "aws:sqs/queue:Queue": (name) => `https://sqs.${region}.amazonaws.com/${account}/${name}`,
};

/** Outputs beside name, ARN and region. */
const furtherOutputs: Record<string, (creation: Creation) => Values> = {
  "aws:lambda/functionUrl:FunctionUrl": ({ name }) => ({
    functionUrl: `https://${digest(name, 32)}.lambda-url.${region}.on.aws/`,
  }),
  "aws:lambda/function:Function": () => ({ version: "1", lastModified: "2026-01-01T00:00:00Z" }),
  "aws:ecr/repository:Repository": ({ inputs }) => ({
    repositoryUrl: `${account}.dkr.ecr.${region}.amazonaws.com/${String(inputs["name"])}`,
  }),
  // Every function's links are encrypted with bytes of its own.
  "random:index/randomBytes:RandomBytes": ({ name, inputs }) => {
    const bytes = Buffer.from(digest(name, 2 * Number(inputs["length"])), "hex");
    return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
  },
};

function physicalName({ type, name, inputs }: Creation): string {
  const given = inputs["name"] ?? inputs["bucket"] ?? inputs["family"];
  return typeof given === "string" ? given : `${name}-${digest(type + name, 7)}`;
}

/** The id and the outputs of a resource that was just created. */
export function created(creation: Creation): { id: string; outputs: Values } {
  const { type, inputs } = creation;
  const name = physicalName(creation);
  const service = type.split(":")[1]?.split("/")[0] ?? "";
  const common = { arn: (arnForms[type] ?? ((own) => regional(service, own)))(name), name, region };
  return {
    id: (idForms[type] ?? ((own) => own))(name),
    outputs: { ...(type.startsWith("aws:") && common), ...inputs, ...furtherOutputs[type]?.(creation) },
  };
}
