import { cloudShellOf, type AgentConfig } from "../core/base/agent-config.ts";
import { memberSettings } from "./settings.generated.ts";

/** A setting of a platform, provider, shell or external memory, as far as deployment needs to know it (core/base/settings.ts). */
export interface MemberSetting {
  name: string;
  required: boolean;
  secret: boolean;
}

export const memberKinds = ["platform", "provider", "shell", "memory"] as const;
export type MemberKind = (typeof memberKinds)[number];

/** Lambda sets them itself, and refuses a function that brings its own. */
const setByLambda = new Set(["AWS_REGION"]);

/** Without `model` the key that is there decides, at run time: both may be asked for. */
const defaultProviders = ["openai", "bedrock"];

export const providersOf = ({ model }: Pick<AgentConfig, "model">): string[] =>
  model ? [model.split("/")[0] ?? model] : defaultProviders;

/** On a function's own machine there is nothing to set: what a laptop's shell is allowed has no place there. */
export const cloudShellsOf = (config: Pick<AgentConfig, "shell" | "region">): string[] =>
  [cloudShellOf(config)].filter((shell) => shell !== "local");

export const memoriesOf = ({ externalMemory }: Pick<AgentConfig, "externalMemory">): string[] =>
  externalMemory === undefined ? [] : [externalMemory];

/**
 * The settings that a function needs of the members it uses, for the platforms, the provider, the shell and the memory
 * of `agent.config.ts`, and with the shell what is passed into it. Those that deployment itself sets are not among them.
 *
 * @throws when the config names a member that does not exist, or passes one of our own settings to commands.
 */
export function linkedSettings(config: AgentConfig, kinds: readonly MemberKind[]): MemberSetting[] {
  const wanted = {
    platform: config.platforms,
    provider: providersOf(config),
    shell: cloudShellsOf(config),
    memory: memoriesOf(config),
  };
  const settings = kinds.flatMap((kind) => wanted[kind].flatMap((owner) => settingsOfMember(kind, owner)));
  return kinds.includes("shell") ? [...settings, ...passedSettings(config)] : settings;
}

/** A deployment stops where a value is missing: a skill that needs it would fail with no reason to be seen. */
function passedSettings({ passthrough }: AgentConfig): MemberSetting[] {
  checkPassed(passthrough);
  return [...new Set(passthrough)].map((name) => ({ name, required: true, secret: true }));
}

/** @throws when a name is a setting of Talaria's own: commands see nothing of what it is run with. */
export function checkPassed(names: readonly string[], furtherSettings: readonly string[] = []): void {
  const members = Object.values(memberSettings).flatMap((owners) => Object.values(owners).flat());
  const ours = new Set([...members.map(({ name }) => name), ...furtherSettings]);
  const refusedNames = names.filter((name) => ours.has(name));
  if (refusedNames.length === 0) return;
  throw new Error(
    `passthrough names ${refusedNames.join(", ")}, which Talaria itself is set up with: commands never see that. Give them a variable of another name.`,
  );
}

function settingsOfMember(kind: MemberKind, owner: string): MemberSetting[] {
  const known = Object.keys(memberSettings[kind]);
  const settings = memberSettings[kind][owner];
  if (!settings) throw new Error(`agent.config.ts names the ${kind} “${owner}”. I know: ${known.join(", ")}.`);
  return settings.filter(({ name }) => !setByLambda.has(name));
}
