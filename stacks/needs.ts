/**
 * What each function is given: settings, secrets and permissions, and nothing else. Pure data, read off the code; the
 * deploy check runs a turn from the packaged functions and holds every AWS call they make against it.
 */
import type { manifest } from "./manifest.ts";

export type FunctionName = keyof typeof manifest.functions;

/** What a permission can be about; stacks/grants.ts knows the ARNs. */
export type Target =
  | "table"
  | "pending"
  | "listing"
  | "bodies"
  | "turns"
  | "executions"
  | "models"
  | "shell-definition"
  | "shell-tasks"
  | "shell-roles"
  | "dead-letters";

export interface Grant {
  on: Target;
  actions: readonly string[];
}

export interface Needs {
  /** Names among `settingsOf(agent.config.ts)`. */
  settings: readonly string[];
  /** Whose settings are linked: the platforms that are on, the model's provider. */
  linked: readonly ("platform" | "provider")[];
  grants: readonly Grant[];
}

const everywhere = ["TALARIA_PROFILE", "TALARIA_PLATFORMS"] as const;

const startTurns: Grant = { on: "turns", actions: ["states:StartExecution"] };
const readPending: Grant = { on: "pending", actions: ["dynamodb:Query"] };

/** The end of a turn, by whichever function: read and settle its records, deliver, start the next one. */
const endTurns: readonly Grant[] = [
  { on: "table", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"] },
  readPending,
  { on: "bodies", actions: ["s3:GetObject", "s3:PutObject"] },
  startTurns,
];

export const needs: Readonly<Record<FunctionName, Needs>> = {
  webhooks: {
    settings: [...everywhere, "TALARIA_ALLOWED_USERS"],
    // The signing secrets verify; the tokens tell a stranger, once, that he is one.
    linked: ["platform"],
    grants: [
      { on: "table", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"] },
      // Letters of a mailbox; the inbox itself is read by the step.
      readPending,
      startTurns,
    ],
  },
  "agent-step": {
    settings: [...everywhere, "TALARIA_MODEL", "TALARIA_SHELL", "TALARIA_MAX_STEPS", "TALARIA_PACKING_SECONDS"],
    linked: ["platform", "provider"],
    grants: [
      ...endTurns,
      { on: "models", actions: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"] },
      { on: "shell-definition", actions: ["ecs:RunTask"] },
      { on: "shell-tasks", actions: ["ecs:DescribeTasks", "ecs:StopTask"] },
      { on: "shell-roles", actions: ["iam:PassRole"] },
    ],
  },
  abandon: { settings: everywhere, linked: ["platform"], grants: endTurns },
  schedule: {
    settings: everywhere,
    linked: ["platform"],
    grants: [
      ...endTurns,
      { on: "listing", actions: ["dynamodb:Query"] },
      { on: "executions", actions: ["states:DescribeExecution"] },
      // Invoked asynchronously: Lambda itself puts an event that failed three times into the queue.
      { on: "dead-letters", actions: ["sqs:SendMessage"] },
    ],
  },
};
