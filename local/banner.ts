import { allowListOf } from "../core/gateway/authorise.ts";
import { missingSettings, type Settings } from "../core/base/settings.ts";
import { platforms } from "../core/platforms/index.ts";
import type { Platform } from "../core/platforms/platform.ts";
import { shells } from "../core/shells/index.ts";
import { bridgesFor, bridgeOf } from "./bridges/bridges.ts";
import type { Instance } from "./instance.ts";

export interface BannerOptions {
  dataFolder: string;
  /** From the start of the process to now. */
  readyAfterMs: number;
}

/** What a person sees when the agent is ready: under twelve lines, however many platforms there are. */
export async function bannerText(instance: Instance, { dataFolder, readyAfterMs }: BannerOptions): Promise<string> {
  const { cloud, environment } = instance;
  const all = await Promise.all(Object.values(platforms).map((load) => load()));
  const on = all.filter(({ settings }) => missingSettings(settings, environment).length === 0);
  const partial = all.filter((platform) => !on.includes(platform) && isBegun(platform, environment));
  return [
    `Talaria is ready after ${(readyAfterMs / 1000).toFixed(1)} s: ${cloud.url}`,
    `  model  ${modelText(instance)}`,
    `  shell  ${await shellText(environment)}`,
    `  data   ${dataFolder} (log: ${environment["TALARIA_LOG_FILE"] ?? `${dataFolder}/talaria.log`})`,
    `  chat   ${on.map((platform) => `${platform.name} (${meansOf(platform, instance)})`).join(", ")}`,
    ...tunnelLines(on, environment),
    ...(partial.length > 0 ? [`  off    ${partial.map((platform) => offText(platform, environment)).join("; ")}`] : []),
    ...(on.some(({ trusted }) => !trusted) ? [`  users  ${usersText(environment)}`] : []),
    "Stop it with Ctrl-C.",
  ].join("\n");
}

const modelText = ({ isPractice, environment }: Instance): string =>
  isPractice
    ? "practice model: a small program, no key was found (set OPENAI_API_KEY in .env for a real one)"
    : (environment["TALARIA_MODEL"] ?? "openai");

async function shellText(environment: Settings): Promise<string> {
  const shell = await shells[environment["TALARIA_SHELL"] || "local"]?.();
  if (!shell) return `“${environment["TALARIA_SHELL"]}”, which I do not know`;
  const heard = shell.warning?.(environment);
  return `${await shell.summary(environment)}${heard ? `\n         ${heard.text}: ${heard.cure}` : ""}`;
}

const bridgeTo = ({ name }: Platform, settings: Settings) =>
  bridgesFor(settings).find(({ platform }) => platform === name);

function meansOf(platform: Platform, { environment }: Instance): string {
  if (platform.name === "web")
    return environment["TALARIA_PUBLIC_URL"]
      ? "the page at this address with # and the content of web.secret in the data folder, or npm run chat"
      : "the page at this address, or npm run chat";
  const root = platform.trusted ? "" : (environment["TALARIA_PUBLIC_URL"] ?? "").replace(/\/$/, "");
  return bridgeTo(platform, environment)?.means ?? `${root}/webhooks/${platform.name}`;
}

/** Platforms that call a webhook which nobody outside can reach, as far as we know. */
function tunnelLines(on: readonly Platform[], environment: Settings): string[] {
  if (environment["TALARIA_PUBLIC_URL"]) return [];
  const names = on.filter((platform) => !platform.trusted && !bridgeTo(platform, environment)).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    `         ${names.join(" and ")} can reach this machine only through a tunnel: name it in TALARIA_PUBLIC_URL`,
  ];
}

/** Somebody has begun to set the platform up: what is missing is worth a word. */
const isBegun = ({ settings }: Platform, environment: Settings): boolean =>
  settings.some(({ name, required }) => required && environment[name]);

function offText({ name, settings }: Platform, environment: Settings): string {
  const needs = environment["TALARIA_PUBLIC_URL"] ? undefined : bridgeOf(name)?.needs;
  const missingForBridge = needs?.filter((setting) => !environment[setting]) ?? [];
  const other =
    missingForBridge.length > 0 ? ` (or ${missingForBridge.join(" and ")}, which needs no public address)` : "";
  return `${name}, for want of ${missingSettings(settings, environment).join(", ")}${other}`;
}

const shownUsers = 5;

function usersText(environment: Settings): string {
  const { everybody, identities, owners } = allowListOf(environment);
  const users = [...new Set([...owners, ...identities])];
  if (users.length === 0)
    return "nobody is let in: write to the bot, its refusal names your id for TALARIA_ALLOWED_USERS";
  if (everybody) return "everybody is let in (TALARIA_ALLOWED_USERS is *)";
  const more = users.length > shownUsers ? ` and ${users.length - shownUsers} more` : "";
  return `${users.slice(0, shownUsers).join(", ")}${more}`;
}
