import { settingsOf, type AgentConfig } from "../../core/base/agent-config.ts";
import { systemClock } from "../../core/base/clock.ts";
import { missingSettings, type Settings } from "../../core/base/settings.ts";
import { platforms } from "../../core/platforms/index.ts";
import type { Platform } from "../../core/platforms/platform.ts";
import { bridgesFor } from "../../local/bridges/bridges.ts";
import { runningAddress } from "../../local/cloud-file.ts";
import { readOptions } from "../../local/options.ts";
import { ok, problem, warning, type Finding } from "../finding.ts";
import { shellWarnings } from "../shell-problem.ts";
import { selfTest } from "../self-test.ts";
import { dataFolderFinding, nodeFinding, portFinding, shellFinding } from "./machine.ts";
import { modelAnswer } from "./model-answer.ts";
import { tokenFindings } from "./tokens.ts";

/** This machine and what `npm start` finds on it: the same settings, read the same way. */
export async function localFindings(config: AgentConfig, environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { port, dataFolder } = readOptions([], environment);
  const settings = localSettings(config, environment);
  const all = await Promise.all(Object.values(platforms).map((load) => load()));
  const begun = all.filter((platform) => isBegun(platform, settings));
  const complete = begun.filter((platform) => missingOf(platform, settings).length === 0);
  return [
    nodeFinding(process.versions.node),
    await shellFinding(settings),
    ...(await shellWarnings(settings["TALARIA_SHELL"] || "local", settings)),
    dataFolderFinding(dataFolder),
    ...begun.flatMap((platform) => incompleteFinding(platform, settings)),
    ...(await tokenFindings(
      complete.map(({ name }) => name),
      settings,
    )),
    hasModel(settings)
      ? await modelAnswer(settings)
      : warning("Model: the practice model answers, since there is no key", "set OPENAI_API_KEY in .env"),
    ...(await runningFindings(port, dataFolder, settings)),
  ];
}

/** What local/instance.ts hands to the functions, as far as a person sets it: an empty value counts as none. */
function localSettings(config: AgentConfig, environment: NodeJS.ProcessEnv): Settings {
  const { TALARIA_PLATFORMS: _, ...configured } = settingsOf(config);
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  return { ...configured, ...given };
}

const hasModel = (settings: Settings): boolean =>
  Boolean(settings["OPENAI_API_KEY"] || settings["OPENAI_BASE_URL"] || settings["TALARIA_MODEL"]);

/** Somebody has begun to set it up. What `npm start` makes by itself for our own clients does not count. */
const isBegun = ({ settings, trusted }: Platform, values: Settings): boolean =>
  !trusted && settings.some(({ name, required }) => required && values[name]);

/** A bridge brings the secret that is between it and the ingress. */
function missingOf({ name, settings }: Platform, values: Settings): string[] {
  const served = bridgesFor(values).find(({ platform }) => platform === name)?.secret;
  return missingSettings(settings, values).filter((setting) => setting !== served);
}

function incompleteFinding(platform: Platform, settings: Settings): Finding[] {
  const missing = missingOf(platform, settings);
  if (missing.length === 0) return [];
  return [
    problem(
      `${platform.name} is begun and lacks ${missing.join(", ")}`,
      "set it in .env; .env.example says where it is found",
    ),
  ];
}

/** The agent that runs with this data folder, if one does, and a turn through it. */
async function runningFindings(port: number, dataFolder: string, settings: Settings): Promise<Finding[]> {
  const address = runningAddress(dataFolder, settings);
  if (!address) return [await portFinding(port)];
  return [ok(`An agent runs at ${address.url}`), await selfTest({ ...address, clock: systemClock })];
}
