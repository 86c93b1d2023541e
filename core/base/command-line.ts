import { parseArgs, type ParseArgsConfig } from "node:util";
import { messageOf, refused } from "./errors.ts";

/** Node's parseArgs; what it does not understand is a refusal that says where to look. */
export function parseCommandLine<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw refused(`${messageOf(error).replace(/\.?$/, ".")} --help says what there is.`);
  }
}
