import type { AgentConfig } from "../core/base/agent-config.ts";
import type { Settings } from "../core/base/settings.ts";
import { platforms } from "../core/platforms/index.ts";
import { cloudShellsOf } from "../stacks/linked-settings.ts";
import { secretNameOf } from "../stacks/secret-names.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";
import type { MemberSetting } from "./member-settings.ts";
import { tryModel } from "./model.ts";
import type { SecretsPlan } from "./secrets-plan.ts";
import { shellProblem, shellWarnings } from "./shell-problem.ts";

export interface SecretContext {
  stage: string;
  secrets: "offer" | "hold" | "look";
  /** False when nobody knows what the stage has: then a missing secret is only said to be needed. */
  isStoreRead: boolean;
}

const setCommand = (setting: string, stage: string) => `npx sst secret set ${secretNameOf(setting)} … --stage ${stage}`;

const namesOf = (values: object) => Object.keys(values).map(secretNameOf).join(", ");

export const secretFindings = (plan: SecretsPlan, context: SecretContext): Finding[] => [
  ...plan.missing.map((setting) => missingFinding(setting, context)),
  ...(namesOf(plan.offered) ? [offeredFinding(plan, context)] : []),
  ...(namesOf(plan.made) && context.isStoreRead ? [madeFinding(plan, context)] : []),
];

function offeredFinding({ offered, requiredOffered }: SecretsPlan, context: SecretContext): Finding {
  const { stage, secrets, isStoreRead } = context;
  if (!isStoreRead)
    return warning(`Found in .env: ${namesOf(offered)}`, "set from there when the stage has none of its own");
  const text = `Found in .env and not set in stage ${stage}: ${namesOf(offered)}`;
  if (secrets === "offer") return warning(text, "they are set from there when you agree");
  const cure = "npm run deploy -- --yes sets them from there";
  return requiredOffered.length > 0 ? problem(text, cure) : warning(text, cure);
}

function madeFinding({ made }: SecretsPlan, { secrets }: SecretContext): Finding {
  if (secrets === "look") return problem(`Secrets not set: ${namesOf(made)}`, "npm run deploy makes them");
  return ok(`Made by this command, since nobody has to choose them: ${namesOf(made)}`);
}

function missingFinding({ name, member }: MemberSetting, { stage, isStoreRead }: SecretContext): Finding {
  const cure = `${setCommand(name, stage)}, or ${name}=… in .env (.env.example says where to find it)`;
  return isStoreRead
    ? problem(`Secret of ${member} is not set`, cure)
    : warning(`Secret of ${member}, if it is not set yet`, cure);
}

/** Little is said of a shell that would start. On a function's own machine there is nothing to set. */
export async function shellFindings(config: AgentConfig, settings: Settings, stage: string): Promise<Finding[]> {
  const names = cloudShellsOf(config);
  const problems = await Promise.all(names.map((name) => shellProblem(name, settings)));
  const warnings = await Promise.all(names.map((name) => shellWarnings(name, settings)));
  const cure = `correct it (npx sst secret set NAME … --stage ${stage}, or .env), or choose another shell in agent.config.ts`;
  return [
    ...problems.flatMap((text) => (text === undefined ? [] : [problem(`Shell: ${text}`, cure)])),
    ...warnings.flat(),
  ];
}

/** Connecting asks nobody: it tells whether the provider has what it needs. */
export async function modelFinding(settings: Settings, { stage, isStoreRead }: SecretContext): Promise<Finding> {
  const chosen = await tryModel(settings);
  if ("missing" in chosen) {
    const cure = `${setCommand("OPENAI_API_KEY", stage)}, or choose another model in agent.config.ts`;
    return isStoreRead
      ? problem(`Model: ${chosen.missing}`, cure)
      : warning("Model: its key, if it is not set yet", cure);
  }
  const { name } = chosen;
  if (settings["TALARIA_MODEL"]) return ok(`Model ${name}`);
  if (name.startsWith("openai/")) return ok(`Model ${name}, since OpenAI's key is there`);
  const cure = `let the account have access to it (Bedrock console), or ${setCommand("OPENAI_API_KEY", stage)}`;
  return warning(`Model ${name}, as no other key is there`, cure);
}

/** Names that `.env` has for `npm start` and that agent.config.ts has for both. */
const configNames: Readonly<Record<string, string>> = {
  TALARIA_ALLOWED_USERS: "allowedUsers",
  TALARIA_OWNERS: "owners",
  TALARIA_MODEL: "model",
  TALARIA_SOUL: "soul",
  TALARIA_PROFILE: "profile",
  TALARIA_PLATFORMS: "platforms",
  TALARIA_PASSTHROUGH: "passthrough",
  TALARIA_MEMORY_PROVIDER: "externalMemory",
  TALARIA_MAX_STEPS: "limits.maxSteps",
  TALARIA_PACKING_SECONDS: "limits.packingSeconds",
};

/** Who may talk to the agent, as far as a list of users decides it, and what `.env` says of it to no effect. */
export async function userFindings(config: AgentConfig, dotEnv: Settings): Promise<Finding[]> {
  const on = await Promise.all(config.platforms.flatMap((name) => platforms[name]?.() ?? []));
  const isListed = on.some(({ trusted }) => !trusted);
  const here = Object.keys(configNames).filter((name) => dotEnv[name]);
  return [
    ...(isListed && config.allowedUsers.length + config.owners.length === 0
      ? [
          warning(
            "Nobody is let in",
            "write to the agent once: its refusal names your id for allowedUsers in agent.config.ts",
          ),
        ]
      : []),
    ...(here.length > 0
      ? [
          warning(
            `In .env for npm start only: ${here.join(", ")}`,
            `say it in agent.config.ts: ${here.map((name) => configNames[name]).join(", ")}`,
          ),
        ]
      : []),
  ];
}
