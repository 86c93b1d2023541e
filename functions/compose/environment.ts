import { fatal } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import { linkedSecrets } from "./linked-secrets.ts";

export interface Environment {
  settings: Settings;
  profile: string;
  table: string;
  bucket: string;
  turnMachine: string;
  /** Where functions/shell is reached; empty in functions that start no job. */
  shellUrl: string;
}

function required(settings: Settings, name: string): string {
  const value = settings[name];
  if (!value) throw fatal(`${name} is not set: this function was deployed without it.`, { code: "deploy.environment" });
  return value;
}

/** What deployment (or the embedded cloud) gives a function: its environment, and the secrets linked to it. */
export function readEnvironment(environment: NodeJS.ProcessEnv = process.env): Environment {
  const settings: Settings = { ...environment, ...linkedSecrets() };
  return {
    settings,
    profile: settings["TALARIA_PROFILE"] || "main",
    table: required(settings, resourceEnvironment.table),
    bucket: required(settings, resourceEnvironment.bucket),
    turnMachine: required(settings, resourceEnvironment.turnMachine),
    shellUrl: settings[resourceEnvironment.shellUrl] ?? "",
  };
}
