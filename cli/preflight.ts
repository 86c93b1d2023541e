import { cloudSettingsOf, type AgentConfig } from "../core/base/agent-config.ts";
import { messageOf } from "../core/base/errors.ts";
import type { Settings } from "../core/base/settings.ts";
import { loadAgentConfig } from "./agent-config.ts";
import { findIdentity } from "./aws-identity.ts";
import { readDotEnv } from "./dot-env.ts";
import { ok, problem, type Finding } from "./finding.ts";
import { memberSettings, unknownNames } from "./member-settings.ts";
import { modelFinding, secretFindings, shellFindings, userFindings, type SecretContext } from "./preflight-findings.ts";
import { planSecrets, type SecretsPlan } from "./secrets-plan.ts";
import type { Sst } from "./sst.ts";

export interface PreflightOptions {
  folder: string;
  stage: string;
  environment: NodeJS.ProcessEnv;
  sst: Sst;
  /**
   * What becomes of secrets that are unset and could be had: `offer` sets those of `.env` once the person agrees,
   * `hold` leaves those and makes only what nobody has to choose, `look` touches nothing.
   */
  secrets: SecretContext["secrets"];
  /** Told what takes long. */
  say?(text: string): void;
}

export interface Preflight {
  findings: Finding[];
  /** Absent when agent.config.ts is not right. */
  config?: AgentConfig;
  /** The stage's secrets by setting name; absent when they could not be read. */
  stored?: Settings;
  plan?: SecretsPlan;
}

/** Everything a deployment needs, looked at and not touched. */
export async function preflight(options: PreflightOptions): Promise<Preflight> {
  const { folder, environment, sst, say } = options;
  let config: AgentConfig;
  try {
    config = await loadAgentConfig(folder);
  } catch (error) {
    const [first = "", ...rest] = messageOf(error).split("\n");
    return { findings: [problem([first, ...rest.map((line) => line.trim())].join(" "), "correct agent.config.ts")] };
  }
  const unknown = unknownNames(config);
  if (unknown.length > 0) return { findings: unknown };
  const configured = ok(
    `agent.config.ts: ${config.name} in ${config.region}, platforms ${config.platforms.join(", ")}`,
  );
  const identity = await findIdentity(config.region, environment);
  const isKnown = "account" in identity;
  const { stored, trouble } = isKnown ? await storedSecrets(sst, say) : { stored: undefined, trouble: [] };
  const context = { stage: options.stage, secrets: options.secrets, isStoreRead: stored !== undefined };
  const dotEnv = readDotEnv(folder);
  const plan = planSecrets(await memberSettings(config), stored ?? {}, dotEnv);
  const settings = deployedSettings(config, { ...stored, ...(context.secrets === "offer" && plan.offered) });
  const findings = [
    configured,
    isKnown ? ok(`AWS account ${identity.account} as ${identity.arn}`) : identity,
    ...trouble,
    ...secretFindings(plan, context),
    ...(await shellFindings(config, settings, options.stage)),
    await modelFinding(settings, context),
    ...(await userFindings(config, dotEnv)),
  ];
  return { findings, config, plan, ...(stored && { stored }) };
}

async function storedSecrets(
  sst: Sst,
  say: PreflightOptions["say"],
): Promise<{ stored?: Settings; trouble: Finding[] }> {
  say?.("  · Asking SST for the secrets of the stage (the first time, it loads its own parts for a minute) …");
  try {
    return { stored: await sst.secrets(), trouble: [] };
  } catch (error) {
    return { trouble: [problem(`Secrets cannot be read: ${messageOf(error)}`, "mend that, then again")] };
  }
}

/** What the functions see of a deployment's settings, Lambda's region included. */
export const deployedSettings = (config: AgentConfig, secrets: Settings): Settings => ({
  ...cloudSettingsOf(config),
  ...secrets,
  AWS_REGION: config.region,
});
