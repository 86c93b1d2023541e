import * as z from "zod";
import type { AgentConfig } from "../../core/base/agent-config.ts";
import { systemClock } from "../../core/base/clock.ts";
import { parseJson } from "../../core/base/json.ts";
import { missingSettings } from "../../core/base/settings.ts";
import { platforms } from "../../core/platforms/index.ts";
import { ok, problem, type Finding } from "../finding.ts";
import { deployedSettings, preflight } from "../preflight.ts";
import { selfTest } from "../self-test.ts";
import { openSst } from "../sst.ts";
import { telegramWebhookFindings } from "../telegram.ts";
import { tokenFindings } from "./tokens.ts";

export interface DeployedOptions {
  folder: string;
  stage: string;
  config: AgentConfig;
  environment: NodeJS.ProcessEnv;
  /** The deployment's address. */
  url: string;
}

/** A deployment: its needs, its address, its platforms, and a turn through it. */
export async function deployedFindings(options: DeployedOptions): Promise<Finding[]> {
  const { folder, stage, config, environment, url } = options;
  const sst = openSst({ folder, stage, environment });
  const { findings, stored } = await preflight({ folder, stage, environment, sst, secrets: "look" });
  const answers = await addressFinding(url);
  // Without the secrets nothing more can be asked, as anybody.
  if (!stored) return [...findings, answers];
  const settings = deployedSettings(config, stored);
  const all = await Promise.all(config.platforms.flatMap((name) => platforms[name]?.() ?? []));
  const complete = all.filter((platform) => missingSettings(platform.settings, settings).length === 0);
  const names = complete.map(({ name }) => name);
  const token = names.includes("web") ? settings["TALARIA_WEB_TOKEN"] : undefined;
  return [
    ...findings,
    answers,
    ...(await tokenFindings(names, settings)),
    ...(names.includes("telegram") ? await telegramWebhookFindings(url, settings) : []),
    ...(token && answers.level === "ok" ? [await selfTest({ url, token, clock: systemClock })] : []),
  ];
}

/** What core/gateway/ingress.ts answers to everything it refuses. */
const refusalSchema = z.object({ error: z.string() });

async function addressFinding(url: string): Promise<Finding> {
  try {
    const response = await fetch(`${url}/webhooks/none`, { signal: AbortSignal.timeout(20_000) });
    const isOurs = response.status === 404 && refusalSchema.safeParse(parseJson(await response.text())).success;
    if (isOurs) return ok(`${url} answers`);
    return problem(`${url} answers with HTTP ${response.status}, not as Talaria does`, "npm run deploy");
  } catch {
    return problem(`${url} does not answer`, "npm run deploy, or check the network");
  }
}
