import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AgentConfig } from "../core/base/agent-config.ts";
import { refused } from "../core/base/errors.ts";

/** The `agent.config.ts` of a folder. What is wrong with it is said by `defineAgent`, with path and what is allowed. */
export async function loadAgentConfig(folder: string): Promise<AgentConfig> {
  const file = join(folder, "agent.config.ts");
  if (!existsSync(file)) throw refused(`There is no agent.config.ts in ${folder}.`);
  const module = (await import(pathToFileURL(file).href)) as { default?: AgentConfig };
  if (!module.default)
    throw refused("agent.config.ts has no default export: it should export default defineAgent({ … }).");
  return module.default;
}

/** What a deployment is called: its resources' names begin with it, and `npm run remove` asks for it. */
export const deploymentName = ({ name }: AgentConfig, stage: string): string => `${name}-${stage}`;
