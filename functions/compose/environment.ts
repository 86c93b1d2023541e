import { fatal } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";

export interface Environment {
  settings: Settings;
  profile: string;
  table: string;
  bucket: string;
  turnMachine: string;
}

function required(settings: Settings, name: string): string {
  const value = settings[name];
  if (!value) throw fatal(`${name} is not set: this function was deployed without it.`, { code: "deploy.environment" });
  return value;
}

/** The environment of a function: what deployment (or the embedded cloud) gives it. */
export const readEnvironment = (settings: Settings = process.env): Environment => ({
  settings,
  profile: settings["TALARIA_PROFILE"] || "main",
  table: required(settings, resourceEnvironment.table),
  bucket: required(settings, resourceEnvironment.bucket),
  turnMachine: required(settings, resourceEnvironment.turnMachine),
});
