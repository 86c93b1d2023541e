/** `npm run chat`: the agent in a terminal. */
import { existsSync } from "node:fs";
import { print, runCommand } from "../cli/console.ts";
import { findAgent } from "./chat/agent.ts";
import { Talk } from "./chat/talk.ts";
import { readOptions } from "./options.ts";

const usage = `npm run chat                    talks with the agent: with the one that npm start runs, or else with one of its own
echo "TEXT" | npm run chat      asks, prints the reply and ends; every line is a message
/exit or Ctrl-C at the prompt ends; Ctrl-C while a reply is awaited stops it`;

async function chat(): Promise<number> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) {
    print(usage);
    return 0;
  }
  const { stdin: input, stdout: output, stderr: notices } = process;
  const isInteractive = input.isTTY && output.isTTY;
  const agent = await findAgent(options, process.env);
  try {
    const talk = new Talk({ wire: agent.wire, input, output, notices, isInteractive });
    if (isInteractive) notices.write(`${agent.greeting} /exit ends, /help says what else I understand.\n`);
    process.on("SIGINT", () => talk.interrupt());
    await talk.run();
    return 0;
  } finally {
    await agent.close();
  }
}

runCommand(chat);
