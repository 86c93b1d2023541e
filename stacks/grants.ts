/** Turns what stacks/needs.ts lists into statements of a function's own role: these actions, on these ARNs. */
import config from "../agent.config.ts";
import { anywhere, arnOf, nameOf, turnMachineArn, turnMachineName } from "./account.ts";
import { deadLetters } from "./dead-letters.ts";
import { providersOf } from "./linked-settings.ts";
import { needs, type FunctionName, type Grant, type Target } from "./needs.ts";
import { shellImage } from "./shell-images.ts";
import { shellTask } from "./shells.ts";
import { bucket, table } from "./storage.ts";

/** Bedrock charges the account that asks; which models it may ask for, AWS decides per account and region. */
const models = ["foundation-model/*", "inference-profile/*"].map(
  (resource) => $interpolate`arn:${anywhere.partition}:bedrock:*:*:${resource}`,
);

/** The ARNs of a target, or none when this deployment has no such thing: then the grant falls away. */
const resources: Record<Target, $util.Input<string>[]> = {
  table: [table.arn],
  learning: [table.arn],
  letters: [table.arn],
  pending: [$interpolate`${table.arn}/index/pending`],
  listing: [$interpolate`${table.arn}/index/listing`],
  bodies: [$interpolate`${bucket.arn}/bodies/*`],
  search: [$interpolate`${bucket.arn}/search/*`],
  skills: [$interpolate`${bucket.arn}/skills/*`],
  turns: [turnMachineArn],
  executions: [arnOf("states", `execution:${turnMachineName}:*`)],
  models: providersOf(config).includes("bedrock") ? models : [],
  // By its name, since a step has to know it before it exists.
  review: [arnOf("lambda", `function:${nameOf("review")}`)],
  curator: [arnOf("lambda", `function:${nameOf("curator")}`)],
  "curator-files": [$interpolate`${bucket.arn}/curator/*`],
  "shell-definition": shellTask ? [shellTask.definition] : [],
  "shell-tasks": shellTask ? [shellTask.tasks] : [],
  "shell-roles": shellTask?.roles ?? [],
  relay: shellTask ? [shellTask.relay] : [],
  snapshots: shellTask || shellImage ? [$interpolate`${bucket.arn}/snapshots/*`] : [],
  // The service asks for rights on the image of a machine, not on the machine.
  "microvm-image": shellImage ? [shellImage.arn] : [],
  "dead-letters": [deadLetters.arn],
};

/** Items of the table by their partition key (core/store/keys.ts): a part of it for who has no business with the rest. */
const partitions: Partial<Record<Target, string>> = { learning: "P#*", letters: "C#*:mailbox:*" };

const onlyIn = (pattern: string) => ({
  conditions: [{ test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: [pattern] }],
});

const statement = ({ on, actions }: Grant) => {
  const pattern = partitions[on];
  return { actions: [...actions], resources: resources[on], ...(pattern !== undefined && onlyIn(pattern)) };
};

/** Its own log group only, in place of the managed policy that SST attaches, which allows those of every function. */
const ownLogs = (name: FunctionName) => ({
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [arnOf("logs", `log-group:/aws/lambda/${nameOf(name)}:*`)],
});

export const permissionsOf = (name: FunctionName) => [
  ...needs[name].grants.filter(({ on }) => resources[on].length > 0).map(statement),
  ownLogs(name),
];
