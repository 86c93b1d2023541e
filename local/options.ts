import { parseCommandLine } from "../core/base/command-line.ts";
import { refused } from "../core/base/errors.ts";

export interface Options {
  /** One-shot mode: send this text, print the reply, end. */
  say: string | undefined;
  /** In one-shot mode: print one JSON line last. */
  json: boolean;
  /** Where the agent is served. */
  port: number;
  dataFolder: string;
  help: boolean;
}

export const usage = `npm start                       boots the embedded cloud and serves the agent
npm start -- --say "TEXT"       asks once, prints the reply and ends
npm start -- --say "TEXT" --json  the same, with one JSON line last
The agent that npm start runs in this folder is asked, if there is one: then the JSON has reply and ms, and null for the rest.
PORT (default 8787; 0 picks a free one) and TALARIA_DATA (default .talaria) are read from the environment or .env`;

const defaultPort = 8787;

export function readOptions(argv: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const { values } = parseCommandLine({
    args: [...argv],
    options: { say: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  const port = Number(environment["PORT"] || defaultPort);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw refused(`PORT is “${environment["PORT"]}”; it must be a number from 0 to 65535.`);
  if (values.say !== undefined && values.say.trim() === "") throw refused("--say needs a text.");
  return {
    say: values.say,
    json: values.json ?? false,
    port,
    dataFolder: environment["TALARIA_DATA"] || ".talaria",
    help: values.help ?? false,
  };
}
