/**
 * What each function is given: settings, secrets and permissions, and nothing else. Pure data, read off the code; the
 * deploy check runs a turn from the packaged functions and holds every AWS call they make against it.
 */
import type { MemberKind } from "./linked-settings.ts";
import type { manifest } from "./manifest.ts";

export type FunctionName = keyof typeof manifest.functions;

/** What a permission can be about; stacks/grants.ts knows the ARNs. */
export type Target =
  | "table"
  | "learning"
  | "letters"
  | "pending"
  | "listing"
  | "bodies"
  | "skills"
  | "search"
  | "turns"
  | "executions"
  | "models"
  | "review"
  | "curator"
  | "curator-files"
  | "shell-definition"
  | "shell-tasks"
  | "shell-roles"
  | "relay"
  | "snapshots"
  | "microvm-image"
  | "dead-letters";

export interface Grant {
  on: Target;
  actions: readonly string[];
}

export interface Needs {
  /** Names among `settingsOf(agent.config.ts)`. */
  settings: readonly string[];
  /** Whose settings are linked: the platforms that are on, the model's provider, the shell (and what it is passed), the memory. */
  linked: readonly MemberKind[];
  grants: readonly Grant[];
}

const everywhere = ["TALARIA_PROFILE", "TALARIA_PLATFORMS"] as const;

const startTurns: Grant = { on: "turns", actions: ["states:StartExecution"] };
const readPending: Grant = { on: "pending", actions: ["dynamodb:Query"] };

/** The queue and the records of conversations: read and settle them, deliver, start a turn. */
const tendTurns: readonly Grant[] = [
  { on: "table", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"] },
  readPending,
  { on: "bodies", actions: ["s3:GetObject", "s3:PutObject"] },
  startTurns,
];

/** The end of a turn, by whichever function: besides, it is handed over to be learnt from. */
const endTurns: readonly Grant[] = [...tendTurns, { on: "review", actions: ["lambda:InvokeFunction"] }];

const askModels: Grant = { on: "models", actions: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"] };
const useSkills: Grant = { on: "skills", actions: ["s3:GetObject", "s3:PutObject"] };

/** What the shell of the deployment is worked with, whichever it is; grants without a target fall away. */
const useShell: readonly Grant[] = [
  { on: "shell-definition", actions: ["ecs:RunTask"] },
  { on: "shell-tasks", actions: ["ecs:DescribeTasks", "ecs:StopTask"] },
  { on: "shell-roles", actions: ["iam:PassRole"] },
  { on: "relay", actions: ["lambda:InvokeFunction"] },
  // By presigned addresses, which are worth what their signer may do.
  { on: "snapshots", actions: ["s3:GetObject", "s3:PutObject"] },
  {
    on: "microvm-image",
    actions: ["Run", "Get", "Suspend", "Resume", "Terminate"]
      .map((verb) => `lambda:${verb}Microvm`)
      .concat("lambda:CreateMicrovmAuthToken"),
  },
];

export const usesShell = (name: FunctionName): boolean => needs[name].linked.includes("shell");
export const reaches = (name: FunctionName, target: Target): boolean =>
  needs[name].grants.some(({ on }) => on === target);

export const needs: Readonly<Record<FunctionName, Needs>> = {
  webhooks: {
    settings: [...everywhere, "TALARIA_ALLOWED_USERS", "TALARIA_OWNERS"],
    // The signing secrets verify; the tokens tell a stranger, once, that he is one.
    linked: ["platform"],
    grants: [
      { on: "table", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"] },
      // Letters of a mailbox; the inbox itself is read by the step.
      readPending,
      startTurns,
      // A message may be what a parked turn waits for.
      { on: "turns", actions: ["states:SendTaskSuccess"] },
    ],
  },
  "agent-step": {
    settings: [
      ...everywhere,
      "TALARIA_MODEL",
      "TALARIA_SHELL",
      "TALARIA_PASSTHROUGH",
      "TALARIA_MAX_STEPS",
      "TALARIA_PACKING_SECONDS",
      "TALARIA_INLINE_SECONDS",
      "TALARIA_APPROVALS",
      "TALARIA_APPROVE_OUTWARD",
      "TALARIA_DENIED_COMMANDS",
      "TALARIA_APPROVAL_POLICY",
      "TALARIA_CURATOR",
      "TALARIA_CURATOR_PRUNE_BUNDLED",
      "TALARIA_MEMORY_APPROVAL",
      "TALARIA_MEMORY_PROVIDER",
      // Where everybody is let in, the agent's notebook is each person's own.
      "TALARIA_ALLOWED_USERS",
      "TALARIA_OWNERS",
    ],
    linked: ["platform", "provider", "shell", "memory"],
    grants: [
      ...endTurns,
      ...useShell,
      useSkills,
      { on: "search", actions: ["s3:GetObject"] },
      // The sessions of a person.
      { on: "listing", actions: ["dynamodb:Query"] },
      // The owner asks for a run, and reads its reports.
      { on: "curator", actions: ["lambda:InvokeFunction"] },
      { on: "curator-files", actions: ["s3:GetObject", "s3:PutObject"] },
      askModels,
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
      { on: "turns", actions: ["states:SendTaskSuccess", "states:SendTaskHeartbeat"] },
      // Invoked asynchronously: Lambda itself puts an event that failed three times into the queue.
      { on: "dead-letters", actions: ["sqs:SendMessage"] },
    ],
  },
  review: {
    settings: [
      ...everywhere,
      "TALARIA_MODEL",
      "TALARIA_ALLOWED_USERS",
      "TALARIA_OWNERS",
      "TALARIA_REVIEW",
      "TALARIA_REVIEW_NOTICE",
      "TALARIA_REVIEW_MONTHLY_TOKENS",
      "TALARIA_MEMORY_APPROVAL",
      "TALARIA_MEMORY_PROVIDER",
    ],
    linked: ["platform", "provider", "memory"],
    grants: [
      // Reads a session, writes its own record beside it; starts no turn, and has no machine.
      { on: "table", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"] },
      { on: "bodies", actions: ["s3:GetObject", "s3:PutObject"] },
      useSkills,
      // It makes turns searchable: a segment that a larger one took in is removed.
      { on: "search", actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] },
      askModels,
      { on: "dead-letters", actions: ["sqs:SendMessage"] },
    ],
  },
  curator: {
    settings: [
      ...everywhere,
      "TALARIA_MODEL",
      "TALARIA_CURATOR",
      "TALARIA_CURATOR_PRUNE_BUNDLED",
      // Whom it tells.
      "TALARIA_ALLOWED_USERS",
      "TALARIA_OWNERS",
    ],
    linked: ["platform", "provider"],
    grants: [
      // What the profile has learnt, and nothing of what anybody said: no session, no conversation, no body.
      { on: "learning", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"] },
      // A notice for the web page is left in its mailbox.
      { on: "letters", actions: ["dynamodb:UpdateItem"] },
      useSkills,
      { on: "curator-files", actions: ["s3:GetObject", "s3:PutObject"] },
      askModels,
      { on: "dead-letters", actions: ["sqs:SendMessage"] },
    ],
  },
  shell: {
    settings: [...everywhere, "TALARIA_SHELL", "TALARIA_PASSTHROUGH"],
    linked: ["platform", "shell"],
    grants: [
      ...tendTurns,
      ...useShell,
      { on: "listing", actions: ["dynamodb:Query"] },
      { on: "turns", actions: ["states:SendTaskSuccess"] },
      { on: "dead-letters", actions: ["sqs:SendMessage"] },
    ],
  },
};
