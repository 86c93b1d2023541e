/** `npm run deploy`: from an AWS account to an agent that has answered its first message. */
import type { AgentConfig } from "../core/base/agent-config.ts";
import { systemClock } from "../core/base/clock.ts";
import { refused } from "../core/base/errors.ts";
import type { Settings } from "../core/base/settings.ts";
import { secretNameOf } from "../stacks/secret-names.ts";
import { deploymentName } from "./agent-config.ts";
import { quietMetadata, workIn } from "./aws-identity.ts";
import { seedFinding } from "./bundled-skills.ts";
import { ask, canAsk, print, printFindings, runCommand } from "./console.ts";
import { costLines } from "./cost.ts";
import { hasProblem, lineOf, warning, type Finding } from "./finding.ts";
import { buildMicrovmImage } from "./microvm-image.ts";
import { tryModel } from "./model.ts";
import { readOptions, type Options } from "./options.ts";
import { deployedSettings, preflight } from "./preflight.ts";
import type { SecretsPlan } from "./secrets-plan.ts";
import { selfTest } from "./self-test.ts";
import { readOutputs, type Outputs } from "./sst-output.ts";
import { openSst, type Sst } from "./sst.ts";
import { buildTaskImage } from "./task-image.ts";
import { registerWebhooks } from "./webhooks.ts";

const usage = `npm run deploy                      checks what is needed, deploys, registers webhooks, runs a self-test
npm run deploy -- --stage NAME      another deployment beside the one called production
npm run deploy -- --yes             sets secrets that are found in .env without asking
It may be run again at any time, and changes nothing that is right.`;

async function deploy(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    print(usage);
    return 0;
  }
  const folder = process.cwd();
  const { stage } = options;
  const sst = openSst({ folder, stage, environment: process.env });
  print(`What a deployment of stage ${stage} needs:`);
  quietMetadata(process.env);
  const secretsMode = options.yes !== undefined || canAsk() ? "offer" : "hold";
  const checked = await preflight({ folder, stage, environment: process.env, sst, secrets: secretsMode, say: print });
  printFindings(checked.findings);
  const { config, stored, plan } = checked;
  if (hasProblem(checked.findings) || !config || !stored || !plan) {
    print("Nothing was changed. Mend what is marked ✗ and run npm run deploy again.");
    return 1;
  }
  const secrets = { ...stored, ...(await setSecrets({ sst, options, config, stored, plan })) };
  print(
    `\nDeploying ${deploymentName(config, stage)} (the first time, SST loads its own parts and it takes minutes) …`,
  );
  await sst.deploy();
  return introduce({ folder, stage, config, secrets });
}

interface Deployed {
  folder: string;
  stage: string;
  config: AgentConfig;
  secrets: Settings;
}

/** Tells the platforms of the deployment, says something to it, and says what it costs. */
async function introduce({ folder, stage, config, secrets }: Deployed): Promise<number> {
  const outputs = readOutputs(folder, config.name, stage);
  if (!outputs) throw refused("sst deploy ended well, but .sst/outputs.json does not name the address of this stage.");
  const { url, storage } = outputs;
  workIn(config.region, process.env);
  const built = await buildImages(folder, config, outputs);
  printFindings(built);
  print("\nPlatforms:");
  const findings = await registerWebhooks({ url, config, stage, settings: deployedSettings(config, secrets), print });
  if (storage) print(`\n${lineOf(await seedFinding({ ...storage, profile: config.profile }))}`);
  print("\nSelf-test:");
  const tested = await testTurn(url, secrets["TALARIA_WEB_TOKEN"], config.platforms.includes("web"));
  print(lineOf(tested));
  print([`\nTalaria is at ${url}`, ...costLines(config)].join("\n"));
  return hasProblem([...built, ...findings, tested]) ? 1 : 0;
}

/** Machines of the shells "ecs" and "microvm" come from an image that AWS builds, which the first command would miss. */
async function buildImages(root: string, config: AgentConfig, { image, taskImage }: Outputs): Promise<Finding[]> {
  const plan = { config, root, clock: systemClock, print };
  return [
    ...(image ? [await buildMicrovmImage({ ...plan, ...image, image: image.arn })] : []),
    ...(taskImage ? [await buildTaskImage({ ...plan, ...taskImage })] : []),
  ];
}

interface SetSecretsOptions {
  sst: Sst;
  options: Options;
  config: AgentConfig;
  stored: Settings;
  plan: SecretsPlan;
}

/** Sets what was made, and what `.env` has when the person agrees. Names are shown, values never. */
async function setSecrets({ sst, options, config, stored, plan }: SetSecretsOptions): Promise<Record<string, string>> {
  const offered = Object.keys(plan.offered);
  const isAgreed = offered.length === 0 || options.yes !== undefined || (await isYes(offered));
  if (!isAgreed) await assertEnough(plan, deployedSettings(config, { ...stored, ...plan.made }));
  const values = { ...plan.made, ...(isAgreed ? plan.offered : {}) };
  const names = Object.keys(values).map(secretNameOf).join(", ");
  if (names !== "") print(`Setting the secrets ${names} …`);
  await sst.setSecrets(values);
  return values;
}

/** Without a person to ask, what `.env` has is left where it is: preflight has said so. */
async function isYes(settings: readonly string[]): Promise<boolean> {
  if (!canAsk()) return false;
  const answer = await ask(`Set ${settings.map(secretNameOf).join(", ")} from .env? [Y/n] `);
  if (answer === undefined) throw refused("Nothing was changed.");
  return /^(y|yes)?$/i.test(answer);
}

/** The platforms and the model have what they need even without what `.env` offered. */
async function assertEnough({ requiredOffered }: SecretsPlan, settings: Settings): Promise<void> {
  const chosen = await tryModel(settings);
  const missing = [...requiredOffered.map(secretNameOf), ...("missing" in chosen ? [chosen.missing] : [])];
  if (missing.length > 0)
    throw refused(`Nothing was changed. Still missing, to be set by npx sst secret set: ${missing.join(", ")}`);
}

async function testTurn(url: string, token: string | undefined, isOn: boolean): Promise<Finding> {
  if (!isOn || !token) return warning("Self-test: left out", "it needs “web” among the platforms of agent.config.ts");
  return selfTest({ url, token, clock: systemClock });
}

runCommand(deploy);
