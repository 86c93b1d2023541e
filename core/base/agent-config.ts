import * as z from "zod";
import { refused } from "./errors.ts";
import { problemOfPassed } from "./passthrough.ts";

/** A Lambda's memory in MB, by what its function needs (AWS Lambda quotas: 128 to 10,240). */
const memoryMb = z.number().int().min(128).max(10_240);

/** The external memories there are: a file each in core/memory. */
const memoryNames = ["honcho"] as const;

const passedName = z.string().superRefine((name, context) => {
  const message = problemOfPassed(name);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** The shells there are: a folder or file each in core/shells. */
export const shellNames = ["local", "docker", "ssh", "singularity", "modal", "daytona", "ecs", "microvm"] as const;
export type ShellName = (typeof shellNames)[number];

/** As in a Dockerfile's FROM, with the registry named. Source: github.com/distribution/reference, its grammar. */
const imageReference = /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

/**
 * The one file a person edits, `agent.config.ts`, in this shape. It drives `npm start` and deployment alike. Secrets are
 * not in it: they are settings in the environment or `.env` here, and SST secrets in the cloud.
 */
export const agentConfigSchema = z.strictObject({
  /** Name of the deployment: letters, digits and hyphens; the stage is added to it. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,20}$/, "must be 2 to 21 lower-case letters, digits or hyphens, a letter first")
    .default("talaria"),
  /** The agent's profile: nothing crosses profiles. */
  profile: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, "must be 1 to 32 lower-case letters, digits or hyphens")
    .default("main"),
  /** Where the cloud is; `npm start` does not need it. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as "us-east-1"')
    .default("us-east-1"),
  /** Chat platforms that are switched on. Each needs its secrets; `npm run deploy` names what is missing. */
  platforms: z.array(z.string()).default(["web", "webhook"]),
  /** `provider/model`, or a provider alone for its default model. Absent: the key that is there decides. */
  model: z
    .string()
    .regex(/^[a-z]+(\/.+)?$/, 'must be "provider" or "provider/model"')
    .optional(),
  /** Who may talk to the agent: `platform:user id` as `/whoami` prints it, or `*` for everybody. Nobody by default. */
  allowedUsers: z.array(z.string().regex(/^(\*|[a-z]+:\S+)$/, 'must be "platform:id" or "*"')).default([]),
  /**
   * Who decides what is everybody's: skills, and what the curator proposes of them. Let in without being in `allowedUsers`.
   * Nobody named: everybody in `allowedUsers` is one, and with `*` there only the chat page.
   */
  owners: z
    .array(z.string().regex(/^[a-z]+:\S+$/, 'must be "platform:id", as /whoami prints it; "*" cannot be an owner'))
    .default([]),
  /** Who the agent is, in its own words; absent means Talaria's own character. */
  soul: z.string().min(1).max(20_000).optional(),
  /**
   * Where commands run. Absent: with `npm start` on this machine, in the cloud on a MicroVM where the region has them (see
   * `cloudShellOf`). Of what a shell needs, `.env.example` says more; docs/operate.md says what each costs.
   */
  shell: z.enum(shellNames).optional(),
  /** What a machine of the shells "ecs" and "microvm" is like. */
  machine: z
    .strictObject({
      /** A quarter of a CPU and half a gigabyte: about a cent an hour of use on Fargate, three on a MicroVM. */
      size: z.enum(["small", "medium", "large"]).default("small"),
      /** A container image of your own for arm64, in place of the one that AWS builds from shell-agent/Dockerfile. */
      image: z
        .string()
        .regex(imageReference, "must name a container image with its registry, such as ghcr.io/me/shell:1")
        .optional(),
    })
    .prefault({}),
  /**
   * Names of variables that commands may see (GITHUB_TOKEN, say): nothing else of ours or yours is in their environment.
   * Values come from `.env` here and are secrets in the cloud. Where a command returns one, the model sees a mask.
   */
  passthrough: z.array(passedName).max(50).default([]),
  limits: z
    .strictObject({
      /** Steps of one turn before the agent is asked to close it. */
      maxSteps: z.number().int().min(1).max(1_000).default(500),
      /** One Lambda invocation takes further steps until this many seconds have gone. */
      packingSeconds: z.number().int().min(0).max(600).default(60),
      /** A command that takes longer than this goes on without a function waiting for it. */
      inlineSeconds: z.number().int().min(1).max(600).default(20),
    })
    .prefault({}),
  /** What the agent may run without asking; core/guard knows the rules. */
  approvals: z
    .strictObject({
      /** Dangerous commands: judged by a model and then by you, by you alone, or by nobody. */
      mode: z.enum(["smart", "manual", "off"]).default("smart"),
      /** Effects on others (a push, a mail, a deployment): allowed, or asked for each time. */
      outward: z.enum(["allow", "ask"]).default("allow"),
      /** Globs of commands that are never run. */
      denied: z.array(z.string().min(1).max(500)).max(100).default([]),
      /** What the model that judges is told besides. */
      policy: z.string().min(1).max(4_000).optional(),
    })
    .prefault({}),
  /** After some turns the agent looks back and keeps what it learnt, in its memory and its skills. */
  review: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** What the chat is told of it: one line, nothing, or each change. */
      notice: z.enum(["on", "off", "verbose"]).default("on"),
      /** Tokens of all reviews in a month, cached ones included; beyond it none is begun. */
      monthlyTokens: z.number().int().min(0).default(20_000_000),
    })
    .prefault({}),
  /** Once a week the curator looks after skills and notes. */
  curator: z
    .strictObject({
      /** It proposes and you approve, it never runs, or it does by itself what loses no content. */
      mode: z.enum(["on", "off", "auto"]).default("on"),
      /** Whether shipped skills that nobody uses go stale and are archived, too. */
      pruneBundled: z.boolean().default(false),
    })
    .prefault({}),
  /** What the agent notes waits for your approval (`/memory pending`). */
  approveNotes: z.boolean().default(false),
  /** A memory outside of Talaria beside the notebooks: it is told every turn, and asked before each. */
  externalMemory: z.enum(memoryNames).optional(),
  memory: z.strictObject({ webhooks: memoryMb.default(512), agentStep: memoryMb.default(512) }).prefault({}),
  alarms: z
    .strictObject({
      /** Where alarms are mailed; AWS asks this address to confirm once. Absent: alarms show in the console only. */
      email: z.email().optional(),
      /** A mail when the account's forecast for this deployment passes this many US dollars in a month. */
      monthlyBudgetUsd: z.number().positive().optional(),
    })
    .prefault({}),
});

export type AgentConfig = z.infer<typeof agentConfigSchema>;

/** Checks a config: what is wrong is said with its path and with what is allowed. */
export function defineAgent(config: z.input<typeof agentConfigSchema>): AgentConfig {
  const parsed = agentConfigSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw refused(`agent.config.ts is not right:\n${z.prettifyError(parsed.error)}`, { code: "config.invalid" });
}

/** Regions that have had MicroVMs since they began (AWS Lambda, June 2026); in a later one, name the shell. */
const microvmRegions = new Set(["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ap-northeast-1"]);

/** Where commands run in a deployment. In the cloud `local` only simulates a bash, so it is the last choice. */
export const cloudShellOf = ({ shell, region }: Pick<AgentConfig, "shell" | "region">): ShellName =>
  shell ?? (microvmRegions.has(region) ? "microvm" : "local");

/** What the functions of a deployment read. */
export const cloudSettingsOf = (config: AgentConfig): Record<string, string> =>
  settingsOf({ ...config, shell: cloudShellOf(config) });

/** The settings that a config stands for: what the functions read when they run here. */
export function settingsOf(config: AgentConfig): Record<string, string> {
  return {
    TALARIA_PROFILE: config.profile,
    TALARIA_PLATFORMS: config.platforms.join(","),
    ...(config.model && { TALARIA_MODEL: config.model }),
    ...(config.allowedUsers.length > 0 && { TALARIA_ALLOWED_USERS: config.allowedUsers.join(",") }),
    ...(config.owners.length > 0 && { TALARIA_OWNERS: config.owners.join(",") }),
    ...(config.soul && { TALARIA_SOUL: config.soul }),
    TALARIA_SHELL: config.shell ?? "local",
    ...(config.passthrough.length > 0 && { TALARIA_PASSTHROUGH: config.passthrough.join(",") }),
    TALARIA_MAX_STEPS: String(config.limits.maxSteps),
    TALARIA_PACKING_SECONDS: String(config.limits.packingSeconds),
    TALARIA_INLINE_SECONDS: String(config.limits.inlineSeconds),
    TALARIA_APPROVALS: config.approvals.mode,
    TALARIA_APPROVE_OUTWARD: config.approvals.outward,
    ...(config.approvals.denied.length > 0 && { TALARIA_DENIED_COMMANDS: config.approvals.denied.join("\n") }),
    ...(config.approvals.policy && { TALARIA_APPROVAL_POLICY: config.approvals.policy }),
    TALARIA_CURATOR: config.curator.mode,
    TALARIA_CURATOR_PRUNE_BUNDLED: config.curator.pruneBundled ? "1" : "0",
    ...(config.approveNotes && { TALARIA_MEMORY_APPROVAL: "1" }),
    ...(config.externalMemory && { TALARIA_MEMORY_PROVIDER: config.externalMemory }),
    TALARIA_REVIEW: config.review.enabled ? "on" : "off",
    TALARIA_REVIEW_NOTICE: config.review.notice,
    TALARIA_REVIEW_MONTHLY_TOKENS: String(config.review.monthlyTokens),
  };
}
