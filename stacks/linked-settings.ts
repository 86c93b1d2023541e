import { cloudShellOf, type AgentConfig } from "../core/base/agent-config.ts";
import { memberSettings } from "./settings.generated.ts";

/** A setting of a platform, provider or shell, as far as deployment needs to know it (core/base/settings.ts). */
export interface MemberSetting {
  name: string;
  required: boolean;
  secret: boolean;
}

export type MemberKind = "platform" | "provider" | "shell";

/** Lambda sets them itself, and refuses a function that brings its own. */
const setByLambda = new Set(["AWS_REGION"]);

/** Without `model` the key that is there decides, at run time: both may be asked for. */
const defaultProviders = ["openai", "bedrock"];

export const providersOf = ({ model }: Pick<AgentConfig, "model">): string[] =>
  model ? [model.split("/")[0] ?? model] : defaultProviders;

/** On a function's own machine there is nothing to set: what a laptop's shell is allowed has no place there. */
export const cloudShellsOf = (config: Pick<AgentConfig, "shell" | "region">): string[] =>
  [cloudShellOf(config)].filter((shell) => shell !== "local");

/**
 * The settings that a function needs of the members it uses, for the platforms, the provider and the shell of
 * `agent.config.ts`. Those that deployment itself sets are not among them.
 *
 * @throws when the config names a member that does not exist.
 */
export function linkedSettings(config: AgentConfig, kinds: readonly MemberKind[]): MemberSetting[] {
  const wanted = { platform: config.platforms, provider: providersOf(config), shell: cloudShellsOf(config) };
  return kinds.flatMap((kind) => wanted[kind].flatMap((owner) => settingsOfMember(kind, owner)));
}

function settingsOfMember(kind: MemberKind, owner: string): MemberSetting[] {
  const known = Object.keys(memberSettings[kind]);
  const settings = memberSettings[kind][owner];
  if (!settings) throw new Error(`agent.config.ts names the ${kind} “${owner}”. I know: ${known.join(", ")}.`);
  return settings.filter(({ name }) => !setByLambda.has(name));
}
