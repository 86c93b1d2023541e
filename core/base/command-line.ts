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

/**
 * Splits at the first word: what is before it are options of the program, and it and all after it, options or not, are
 * a command's. `--` may stand between them.
 */
export function splitAtFirstWord(
  args: readonly string[],
  options: ParseArgsConfig["options"] = {},
): { own: string[]; words: string[] } {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const first = tokens.find(({ kind }) => kind !== "option");
  if (!first) return { own: [...args], words: [] };
  const isMark = first.kind === "option-terminator";
  return { own: args.slice(0, first.index), words: args.slice(isMark ? first.index + 1 : first.index) };
}
