/** Turns what stacks/needs.ts lists into statements of a function's own role: these actions, on these ARNs. */
import config from "../agent.config.ts";
import { anywhere, arnOf, nameOf, turnMachineArn, turnMachineName } from "./account.ts";
import { deadLetters } from "./dead-letters.ts";
import { providersOf } from "./linked-settings.ts";
import { needs, type FunctionName, type Grant, type Target } from "./needs.ts";
import { shellTask } from "./shells.ts";
import { bucket, table } from "./storage.ts";

/** Bedrock charges the account that asks; which models it may ask for, AWS decides per account and region. */
const models = ["foundation-model/*", "inference-profile/*"].map(
  (resource) => $interpolate`arn:${anywhere.partition}:bedrock:*:*:${resource}`,
);

/** The ARNs of a target, or none when this deployment has no such thing: then the grant falls away. */
const resources: Record<Target, $util.Input<string>[]> = {
  table: [table.arn],
  pending: [$interpolate`${table.arn}/index/pending`],
  listing: [$interpolate`${table.arn}/index/listing`],
  bodies: [$interpolate`${bucket.arn}/bodies/*`],
  turns: [turnMachineArn],
  executions: [arnOf("states", `execution:${turnMachineName}:*`)],
  models: providersOf(config).includes("bedrock") ? models : [],
  "shell-definition": shellTask ? [shellTask.definition] : [],
  "shell-tasks": shellTask ? [shellTask.tasks] : [],
  "shell-roles": shellTask?.roles ?? [],
  "dead-letters": [deadLetters.arn],
};

const statement = ({ on, actions }: Grant) => ({ actions: [...actions], resources: resources[on] });

/** Its own log group only, in place of the managed policy that SST attaches, which allows those of every function. */
const ownLogs = (name: FunctionName) => ({
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [arnOf("logs", `log-group:/aws/lambda/${nameOf(name)}:*`)],
});

export const permissionsOf = (name: FunctionName) => [
  ...needs[name].grants.filter(({ on }) => resources[on].length > 0).map(statement),
  ownLogs(name),
];
