import { refused } from "../../core/base/errors.ts";
import { findAgent } from "../../local/chat/agent.ts";
import { readOptions } from "../../local/options.ts";
import { openWire, type Wire } from "../../web/chat/wire.ts";
import { deploymentName, loadAgentConfig } from "../agent-config.ts";
import { openSst } from "../sst.ts";
import { readOutputs } from "../sst-output.ts";
import type { TalariaOptions } from "./options.ts";

export interface ReachedAgent {
  wire: Wire;
  close(): Promise<void>;
}

/** Kept apart from the conversations of people; one for all commands, so that numbers of a list stay what they were. */
const chat = "command-line";

const tokenName = "TALARIA_WEB_TOKEN";

export function findTalariaAgent(
  { stage }: Pick<TalariaOptions, "stage">,
  environment: NodeJS.ProcessEnv,
): Promise<ReachedAgent> {
  return stage === undefined ? findAgent(readOptions([], environment), environment) : deployedAgent(stage, environment);
}

async function deployedAgent(stage: string, environment: NodeJS.ProcessEnv): Promise<ReachedAgent> {
  const folder = process.cwd();
  const config = await loadAgentConfig(folder);
  const outputs = readOutputs(folder, config.name, stage);
  if (!outputs)
    throw refused(
      `The last deploy from this folder was not of ${deploymentName(config, stage)}: npm run deploy -- --stage ${stage}.`,
    );
  if (!config.platforms.includes("web"))
    throw refused('The platform "web" is off in agent.config.ts: commands from here need it.');
  const token = (await openSst({ folder, stage, environment }).secrets())[tokenName];
  if (!token)
    throw refused(`${tokenName} has no value in ${deploymentName(config, stage)}: npm run deploy asks for it.`);
  return { wire: openWire({ url: outputs.url, token, chat }), close: async () => {} };
}
