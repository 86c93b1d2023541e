import type { ToolContext } from "../tool.ts";
import { pathWord } from "../../shells/quote.ts";
import { writeRefusal } from "./paths.ts";
import { failureOf, runFileScript } from "./run-script.ts";

/** Replaces a file's content in one rename; makes its parents. Says whether the file is new, or what was wrong. */
export async function replaceFile(
  context: ToolContext,
  path: string,
  content: string,
): Promise<{ created: boolean } | { error: string }> {
  const refusal = writeRefusal(path);
  if (refusal !== undefined) return { error: refusal };
  const result = await runFileScript(context, writeScript(path), content);
  switch (result.verdict) {
    case "created":
      return { created: true };
    case "replaced":
      return { created: false };
    case "outside":
      return {
        error: `${path} lies outside the workspace (${result.data.trim()}), where nothing is written. Choose a path under the home folder or /tmp.`,
      };
    case "link":
      return { error: `${path} is a symbolic link to ${result.data.trim()}. Write to that path instead.` };
    case "folder":
      return { error: `${path} is a folder.` };
    default:
      return failureOf(`Writing ${path}`, result);
  }
}

/**
 * The deepest folder that exists decides where the path really leads: what is below it has no `..` (see pathWord) and
 * no links. The temporary file lies beside its target, since a rename works only within one file system.
 */
const writeScript = (path: string): string => `
f=${pathWord(path)}
if [ -L "$f" ]; then echo link; readlink "$f"; exit 0; fi
if [ -d "$f" ]; then echo folder; exit 0; fi
d="$(dirname "$f")"
a="$d"
while [ ! -d "$a" ] && [ "$a" != / ] && [ "$a" != . ]; do a="$(dirname "$a")"; done
real="$(cd -P "$a" && pwd -P)" || exit 1
home="$(cd -P "$HOME" && pwd -P)"
case "$real/" in "$home"/*|/tmp/*) ;; *) echo outside; echo "$real"; exit 0 ;; esac
mkdir -p "$d" || exit 1
t="$d/.talaria-$$-$RANDOM"
verdict=created
[ -e "$f" ] && verdict=replaced
cat > "$t" || { rm -f "$t"; exit 1; }
if [ -x "$f" ]; then chmod +x "$t"; fi
mv -f "$t" "$f" || { rm -f "$t"; exit 1; }
echo $verdict`;
