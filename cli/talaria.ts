/** `npm run talaria`: says something to the agent, as in its chat, and prints the answer. */
import { existsSync } from "node:fs";
import { quietMetadata } from "./aws-identity.ts";
import { print, runCommand } from "./console.ts";
import { findTalariaAgent } from "./talaria/agent.ts";
import { readTalariaOptions, saidBy, usage } from "./talaria/options.ts";
import { sayOnce } from "./talaria/say-once.ts";

async function talaria(): Promise<number> {
  const options = readTalariaOptions(process.argv.slice(2));
  const said = saidBy(options.words);
  if (options.help || said === undefined) {
    print(usage);
    return options.help ? 0 : 1;
  }
  quietMetadata(process.env);
  // As npm start does; what a deployment is reached with is not in it.
  if (options.stage === undefined && existsSync(".env")) process.loadEnvFile(".env");
  const agent = await findTalariaAgent(options, process.env);
  try {
    await sayOnce(agent.wire, said, process.stdout);
    return 0;
  } finally {
    await agent.close();
  }
}

runCommand(talaria);
