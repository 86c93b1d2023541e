/** `npm run remove`: takes a deployment down, after saying what goes and what stays. */
import { TalariaError, refused } from "../core/base/errors.ts";
import type { AgentConfig } from "../core/base/agent-config.ts";
import { deploymentName, loadAgentConfig } from "./agent-config.ts";
import { findIdentity, quietMetadata } from "./aws-identity.ts";
import { ask, canAsk, print, runCommand } from "./console.ts";
import { lineOf } from "./finding.ts";
import { readOptions } from "./options.ts";
import { deployedSettings } from "./preflight.ts";
import { openSst, type Sst } from "./sst.ts";
import { deleteMicrovmImage } from "./microvm-image.ts";
import { forgetOutputs, readOutputs } from "./sst-output.ts";
import { unregisterTelegram } from "./telegram.ts";

const usage = `npm run remove                                  removes the deployment called production
npm run remove -- --stage NAME                  another one
npm run remove -- --yes talaria-production      without asking; the name is what it would ask for`;

async function remove(): Promise<number> {
  const options = readOptions(process.argv.slice(2), { isYesNamed: true });
  if (options.help) {
    print(usage);
    return 0;
  }
  const folder = process.cwd();
  const { stage } = options;
  const config = await loadAgentConfig(folder);
  const name = deploymentName(config, stage);
  quietMetadata(process.env);
  const identity = await findIdentity(config.region, process.env);
  if (!("account" in identity)) {
    print(`${lineOf(identity)}\nNothing was changed.`);
    return 1;
  }
  print(`Removing ${name} from AWS account ${identity.account} (${config.region}).\n${whatHappens(stage)}`);
  await confirm(name, options.yes);
  const sst = openSst({ folder, stage, environment: process.env });
  await forgetWebhooks(sst, config);
  const image = readOutputs(folder, config.name, stage)?.image;
  if (image) print(lineOf(await deleteMicrovmImage(config.region, image.arn)));
  await sst.remove(name);
  forgetOutputs(folder, config.name, stage);
  print(`\n${name} is removed.${isKept(stage) ? keptText : ""}`);
  return 0;
}

const isKept = (stage: string): boolean => stage === "production";

function whatHappens(stage: string): string {
  const goes =
    "the functions and their address, the state machine, schedules, alarms, the image of shells, roles and logs";
  const stays = `the secrets of the stage (npx sst secret remove NAME --stage ${stage}), and what SST keeps once for the account`;
  return isKept(stage)
    ? `Goes:  ${goes}.\nStays: the table and the bucket with everything that was said, and ${stays}.`
    : `Goes:  ${goes}, and the table and the bucket with everything that was said.\nStays: ${stays}.`;
}

const keptText =
  "\nThe table and the bucket are kept and cost what storage costs, until they are deleted in the AWS console. A later deploy begins with new ones (docs/operate.md, “Remove”).";

/** The name is typed, so that nobody removes the wrong one out of habit. */
async function confirm(name: string, yes: string | undefined): Promise<void> {
  if (yes === undefined && !canAsk())
    throw refused(
      `Nothing was changed: nobody is there to confirm. npm run remove -- --yes ${name} does it without asking.`,
    );
  const given = yes ?? (await ask(`Type ${name} to remove it: `));
  if (given !== name) throw refused(`Nothing was changed: “${given ?? ""}” is not ${name}.`);
}

/** Telegram would go on calling an address that is gone, or that is somebody else's one day. */
async function forgetWebhooks(sst: Sst, config: AgentConfig): Promise<void> {
  if (!config.platforms.includes("telegram")) return;
  try {
    const settings = deployedSettings(config, await sst.secrets());
    if (settings["TELEGRAM_BOT_TOKEN"]) print(lineOf(await unregisterTelegram(settings)));
  } catch (error) {
    if (!(error instanceof TalariaError)) throw error;
    print(`  ! Telegram's webhook was not deleted: ${error.message}`);
  }
}

runCommand(remove);
