import { fatal } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import { defaultSoul } from "../../core/agent/prompt.ts";
import { shells } from "../../core/shells/index.ts";
import type { ShellBackend } from "../../core/shells/shell.ts";
import { parseAllowList } from "../../core/gateway/authorise.ts";
import { openNotebook } from "../../core/store/notebooks.ts";
import { tools } from "../../core/tools/index.ts";
import { workspaceId } from "../../core/turn/open-session.ts";
import { defaultTurnSettings, type TurnPorts, type TurnSettings } from "../../core/turn/ports.ts";
import { composeDelivery } from "./delivery.ts";
import type { Environment } from "./environment.ts";
import { connectModel } from "./model.ts";

/** Calls once; a failure is not kept, so the next call tries again. */
function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

async function connectShell(settings: Settings): Promise<ShellBackend> {
  const name = settings["TALARIA_SHELL"] || "local";
  const load = Object.hasOwn(shells, name) ? shells[name] : undefined;
  if (!load) throw fatal(`TALARIA_SHELL names “${name}”. I know: ${Object.keys(shells).join(", ")}.`);
  return (await load()).connect(settings);
}

/** A number from the settings, or the default when it is not set. */
function numberOr(settings: Settings, name: string, otherwise: number): number {
  const number = Number(settings[name] || otherwise);
  if (number >= 0) return number;
  throw fatal(`${name} is “${settings[name]}”; it must be a number.`, { code: "deploy.environment" });
}

const turnSettings = (settings: Settings): TurnSettings => ({
  ...defaultTurnSettings,
  maxSteps: numberOr(settings, "TALARIA_MAX_STEPS", defaultTurnSettings.maxSteps),
  packingMs: numberOr(settings, "TALARIA_PACKING_SECONDS", defaultTurnSettings.packingMs / 1000) * 1000,
});

/** What a step is made of: delivery, the model, the tools and their shell. */
export function composeTurn(environment: Environment): TurnPorts {
  const { settings } = environment;
  const { ports, table } = composeDelivery(environment, "agent-step");
  const model = once(() => connectModel(settings));
  // The agent's own notebook is in everybody's prompt: where anybody may talk to it, nobody may write for others.
  const isOpenToAll = parseAllowList(settings["TALARIA_ALLOWED_USERS"]).everybody;
  const shell = once(() => connectShell(settings));
  return {
    ...ports,
    model,
    tools,
    workspace: async (profile, owner) => (await shell()).acquire(workspaceId(profile, owner)),
    notebooks: (profile, owner) => ({
      memory: openNotebook(table, profile, isOpenToAll ? `memory#${owner}` : "memory"),
      user: openNotebook(table, profile, `user#${owner}`),
    }),
    soul: async () => settings["TALARIA_SOUL"] || defaultSoul,
    settings: turnSettings(settings),
  };
}
