import type { ToolContext } from "../tool.ts";
import { pathWord } from "../../shells/quote.ts";
import { failureOf, runFileScript } from "./run-script.ts";

/** A file is edited whole; a longer one is a matter for sed. */
const maxEditableBytes = 4_000_000;

type Whole = { text: string } | { error: string; isMissing?: true };

/** The whole text of a file that is about to be edited, byte for byte. */
export async function readWhole(context: ToolContext, path: string): Promise<Whole> {
  const result = await runFileScript(context, wholeScript(path));
  if (result.exitCode !== 0) return failureOf(`Reading ${path}`, result);
  if (result.verdict === "missing") return { error: `${path} does not exist.`, isMissing: true };
  if (result.verdict === "special") return { error: `${path} is not a regular file.` };
  if (result.verdict === "large")
    return { error: `${path} is larger than ${maxEditableBytes} bytes: edit it with sed.` };
  // Bytes that are not UTF-8 were replaced when they were decoded, so writing the text back would destroy them.
  if (/[\0\uFFFD]/.test(result.data)) return { error: `${path} is not UTF-8 text.` };
  return { text: result.data };
}

const wholeScript = (path: string): string => `
f=${pathWord(path)}
if [ ! -e "$f" ] && [ ! -L "$f" ]; then echo missing; exit 0; fi
if [ ! -f "$f" ]; then echo special; exit 0; fi
size=$(wc -c < "$f")
if [ "$size" -gt ${maxEditableBytes} ]; then echo large; exit 0; fi
echo text
cat "$f"`;
