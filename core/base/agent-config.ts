import * as z from "zod";
import { refused } from "./errors.ts";

/** A Lambda's memory in MB, by what its function needs (AWS Lambda quotas: 128 to 10,240). */
const memoryMb = z.number().int().min(128).max(10_240);

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
  /** Who the agent is, in its own words; absent means Talaria's own character. */
  soul: z.string().min(1).max(20_000).optional(),
  /** Where commands run. */
  shell: z.enum(["local", "ecs"]).default("local"),
  limits: z
    .strictObject({
      /** Steps of one turn before the agent is asked to close it. */
      maxSteps: z.number().int().min(1).max(1_000).default(500),
      /** One Lambda invocation takes further steps until this many seconds have gone. */
      packingSeconds: z.number().int().min(0).max(600).default(60),
    })
    .prefault({}),
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

/** The settings that a config stands for: what the functions read, in the cloud and here. */
export function settingsOf(config: AgentConfig): Record<string, string> {
  return {
    TALARIA_PROFILE: config.profile,
    TALARIA_PLATFORMS: config.platforms.join(","),
    ...(config.model && { TALARIA_MODEL: config.model }),
    ...(config.allowedUsers.length > 0 && { TALARIA_ALLOWED_USERS: config.allowedUsers.join(",") }),
    ...(config.soul && { TALARIA_SOUL: config.soul }),
    TALARIA_SHELL: config.shell,
    TALARIA_MAX_STEPS: String(config.limits.maxSteps),
    TALARIA_PACKING_SECONDS: String(config.limits.packingSeconds),
  };
}
