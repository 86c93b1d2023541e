import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import config from "../agent.config.ts";
import { settingsOf } from "../core/base/agent-config.ts";
import type { Settings } from "../core/base/settings.ts";
import { seedSkills } from "../cli/bundled-skills.ts";
import { messageOf } from "../core/base/errors.ts";
import { passedNames } from "../core/base/passthrough.ts";
import { checkPassed } from "../stacks/linked-settings.ts";
import { manifest, resourceEnvironment } from "../stacks/manifest.ts";
import { bedrockIdentity } from "./bedrock-identity.ts";
import { bridgesFor } from "./bridges/bridges.ts";
import { announceCloud } from "./cloud-file.ts";
import { onDiskWithRoom } from "./cloud/disk-report.ts";
import { startCloud, type Cloud } from "./cloud/index.ts";
import { openLog } from "../functions/compose/log.ts";
import { startPracticeModel } from "./practice-model/server.ts";
import { ownSettingNames } from "./settings.ts";
import { watchSpools } from "./shell-spool.ts";
import { chatPage } from "./web/page.ts";

/** A running Talaria on this machine. */
export interface Instance {
  cloud: Cloud;
  /** Whether the practice model answers, since no key was found. */
  isPractice: boolean;
  /** Everything the functions see. */
  environment: Record<string, string>;
  /** Resolves when the shipped skills are in. */
  seeded: Promise<unknown>;
  close(): Promise<void>;
}

export interface InstanceOptions {
  dataFolder: string;
  port: number;
  /** Values that are not the person's to set, for example where the one-shot mode listens for its reply. */
  overrides?: Record<string, string>;
}

/** A secret that this data folder keeps for itself, made on first use. */
function keptSecret(dataFolder: string, name: string, make: () => string): string {
  const file = join(dataFolder, `${name}.secret`);
  const isMade = existsSync(file) && readFileSync(file, "utf8").trim() !== "";
  if (!isMade) writeFileSync(file, make(), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

/** Between a bridge and the ingress; a platform that calls by itself has to be told its secret, so it is not made up. */
const bridgeSecrets = (dataFolder: string, settings: Settings): Record<string, string> =>
  Object.fromEntries(
    bridgesFor(settings).map(({ platform, secret }) => [
      secret,
      keptSecret(dataFolder, platform, () => randomBytes(24).toString("base64url")),
    ]),
  );

/** A name with an empty value counts as not set, so that it does not hide a default. */
const withoutEmpty = (values: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : [])));

/** What `agent.config.ts` says. Here every platform is on that has its settings, so that a token in `.env` is enough. */
function fromConfig(): Record<string, string> {
  const { TALARIA_PLATFORMS: _, ...settings } = settingsOf(config);
  return settings;
}

const hasModel = (settings: Settings) =>
  Boolean(settings["OPENAI_API_KEY"] || settings["OPENAI_BASE_URL"] || settings["TALARIA_MODEL"]);

/**
 * Boots the embedded cloud with the handlers, machine and manifest that are deployed.
 *
 * @throws a refusal when the data folder or the port is taken or the disk is full; nothing is left running then.
 */
export function startInstance(options: InstanceOptions): Promise<Instance> {
  const folder = resolve(options.dataFolder);
  return onDiskWithRoom(folder, () => openInstance(folder, options));
}

async function openInstance(folder: string, { port, overrides }: InstanceOptions): Promise<Instance> {
  // Last opened, first closed: after a failed start, too, since an open port would keep the process alive.
  await using resources = new AsyncDisposableStack();
  // Conversations, memories and files of workspaces are for the person alone, whatever the umask says.
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const given = { ...fromConfig(), ...withoutEmpty(process.env), ...overrides };
  checkPassed(passedNames(given), ownSettingNames);
  const isPractice = !hasModel(given);
  const practice = isPractice ? await startPracticeModel({}) : undefined;
  resources.defer(async () => practice?.close());
  const environment: Record<string, string> = {
    TALARIA_WORKSPACES: join(folder, "workspaces"),
    TALARIA_LOG_FILE: join(folder, "talaria.log"),
    TALARIA_WEBHOOK_SECRET: keptSecret(folder, "webhook", () => `whsec_${randomBytes(32).toString("base64")}`),
    TALARIA_WEB_TOKEN: keptSecret(folder, "web", () => randomBytes(24).toString("base64url")),
    ...(practice && {
      OPENAI_BASE_URL: practice.url,
      OPENAI_API_KEY: "practice",
      TALARIA_MODEL: "openai/practice",
    }),
    ...bridgeSecrets(folder, given),
    ...(await bedrockIdentity(given)),
    ...given,
  };
  const isPublic = Boolean(environment["TALARIA_PUBLIC_URL"]);
  const routes = chatPage({ token: environment["TALARIA_WEB_TOKEN"] ?? "", isPublic });
  const log = openLog(environment, "start");
  const profile = environment["TALARIA_PROFILE"] || "main";
  const cloud = await startCloud({
    manifest,
    dataFolder: folder,
    environment,
    mode: "in-process",
    port,
    routes,
    log,
    notify: (line) => console.error(line),
  });
  resources.defer(() => cloud.close());
  resources.defer(announceCloud(folder, { awsEnvironment: cloud.awsEnvironment, profile }));
  // Beside the start: whoever writes in the first second finds the skills in the next session.
  const seeded = seedSkills({
    table: String(cloud.awsEnvironment[resourceEnvironment.table]),
    bucket: String(cloud.awsEnvironment[resourceEnvironment.bucket]),
    profile,
  }).catch((error: unknown) => log.error("skills.not-seeded", { reason: messageOf(error) }));
  resources.defer(async () => void (await seeded));
  const spools = watchSpools({
    workspaces: environment["TALARIA_WORKSPACES"] ?? "",
    url: cloud.url,
    log,
  });
  resources.defer(() => spools.close());
  const running = resources.move();
  return { cloud, isPractice, environment, seeded, close: () => running.disposeAsync() };
}
