import type { AgentConfig } from "../core/base/agent-config.ts";
import { messageOf } from "../core/base/errors.ts";
import type { SettingSpec } from "../core/base/settings.ts";
import { memoryProviders } from "../core/memory/external.ts";
import { platforms } from "../core/platforms/index.ts";
import { providers } from "../core/providers/index.ts";
import { shells } from "../core/shells/index.ts";
import { rootNames } from "../local/settings.ts";
import { checkPassed, cloudShellsOf, memoriesOf, providersOf } from "../stacks/linked-settings.ts";
import { problem, type Finding } from "./finding.ts";

/** A setting, and the platform, provider, shell or memory that it belongs to, or `passthrough`. */
export interface MemberSetting extends SettingSpec {
  member: string;
}

interface Member {
  name: string;
  settings: readonly SettingSpec[];
}

/** Set by Lambda itself or by the deployment; nobody else may set it. */
const given: ReadonlySet<string> = new Set(["AWS_REGION", ...rootNames]);

/**
 * What stacks/secrets.ts makes secrets of, with the help texts: of the platforms that are on, the model's provider, the
 * shell and what is passed to it, and the external memory.
 */
export async function memberSettings(config: AgentConfig): Promise<MemberSetting[]> {
  const members = [
    ...(await load(platforms, config.platforms)),
    ...(await load(providers, providersOf(config))),
    ...(await load(shells, cloudShellsOf(config))),
    ...(await load(memoryProviders, memoriesOf(config))),
  ];
  const ofMembers = members.flatMap(({ name, settings }) =>
    settings.filter((setting) => !given.has(setting.name)).map((setting) => ({ ...setting, member: name })),
  );
  return [...ofMembers, ...[...new Set(config.passthrough)].map(passedSetting)];
}

const passedSetting = (name: string): MemberSetting => ({
  name,
  required: true,
  secret: true,
  help: "Passed to commands, as agent.config.ts says",
  member: "passthrough",
});

async function load(registry: Readonly<Record<string, () => Promise<Member>>>, names: readonly string[]) {
  const loaders = names.flatMap((name) => (Object.hasOwn(registry, name) ? [registry[name]] : []));
  return Promise.all(loaders.flatMap((loader) => (loader ? [loader()] : [])));
}

/** Names in the config that nothing of ours has. */
export function unknownNames(config: AgentConfig): Finding[] {
  const unknown = (what: string, names: readonly string[], registry: object) =>
    names
      .filter((name) => !Object.hasOwn(registry, name))
      .map((name) => problem(`agent.config.ts: ${what} “${name}”`, `allowed: ${Object.keys(registry).join(", ")}`));
  return [
    ...passedProblems(config),
    ...unknown("platforms names", config.platforms, platforms),
    ...unknown("model names the provider", providersOf(config), providers),
  ];
}

/** What the deployment would stop with. */
function passedProblems({ passthrough }: AgentConfig): Finding[] {
  try {
    checkPassed(passthrough);
    return [];
  } catch (error) {
    return [problem(`agent.config.ts: ${messageOf(error)}`, "correct agent.config.ts")];
  }
}
