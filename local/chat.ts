/** `npm run chat`: the agent in a terminal. */
import { existsSync } from "node:fs";
import { messageOf } from "../core/base/errors.ts";
import { findAgent } from "./chat/agent.ts";
import { Talk } from "./chat/talk.ts";
import { readOptions } from "./options.ts";

const usage = `npm run chat                    talks with the agent: with the one that npm start runs, or else with one of its own
echo "TEXT" | npm run chat      asks, prints the reply and ends; every line is a message
/exit or Ctrl-C at the prompt ends; Ctrl-C while a reply is awaited stops it`;

async function main(): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) return console.log(usage);
  const { stdin: input, stdout: output, stderr: notices } = process;
  const isInteractive = input.isTTY && output.isTTY;
  const agent = await findAgent(options, process.env);
  try {
    const talk = new Talk({ wire: agent.wire, input, output, notices, isInteractive });
    if (isInteractive) notices.write(`${agent.greeting} /exit ends, /help says what else I understand.\n`);
    process.on("SIGINT", () => talk.interrupt());
    await talk.run();
  } finally {
    await agent.close();
  }
}

main()
  .catch((error: unknown) => {
    console.error(`Talaria could not do it: ${messageOf(error)}`);
    process.exitCode = 1;
  })
  // A model's answer that nobody awaits any more must not hold the process; the next start takes the turn up again.
  .finally(() => process.exit());
