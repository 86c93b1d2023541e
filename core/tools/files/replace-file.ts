import { pathWord } from "../../shells/quote.ts";
import type { ToolContext } from "../tool.ts";
import { failureOf, runFileScript } from "./run-script.ts";
import { checkFunction, refusalOf } from "./write-check.ts";

/**
 * Replaces a file's content in one rename; makes its parents. Says whether the file is new, or what was wrong. Who may
 * read, write and run it stays as it is, or becomes as it is for the file at `movedFrom`; a program can be run besides.
 * Ask `writeError` first.
 */
export async function replaceFile(
  context: ToolContext,
  path: string,
  content: string | Uint8Array,
  { movedFrom = path, isProgram = false }: { movedFrom?: string; isProgram?: boolean } = {},
): Promise<{ created: boolean } | { error: string }> {
  const result = await runFileScript(context, writeScript(path, movedFrom, isProgram), content);
  if (result.verdict === "created") return { created: true };
  if (result.verdict === "replaced") return { created: false };
  return refusalOf(path, result.verdict, result.data.trim()) ?? failureOf(`Writing ${path}`, result);
}

/** Removes a file, under the same rules. */
export async function removeFile(context: ToolContext, path: string): Promise<{ error: string } | undefined> {
  const script = `${checkFunction}
f=${pathWord(path)}
check "$f"
if [ "$verdict" != fine ]; then echo $verdict; echo "$about"; exit 0; fi
rm -f "$f" && echo removed`;
  const result = await runFileScript(context, script);
  if (result.verdict === "removed") return undefined;
  return refusalOf(path, result.verdict, result.data.trim()) ?? failureOf(`Removing ${path}`, result);
}

/** The temporary file lies beside its target, since a rename works only within one file system. */
const writeScript = (path: string, movedFrom: string, isProgram: boolean): string => `${checkFunction}
f=${pathWord(path)}
check "$f"
if [ "$verdict" != fine ]; then echo $verdict; echo "$about"; exit 0; fi
d="$(dirname "$f")"
mkdir -p "$d" || exit 1
t="$d/.talaria-$$-$RANDOM"
verdict=created
[ -e "$f" ] && verdict=replaced
mode="$(stat -L -c %a ${pathWord(movedFrom)} 2>/dev/null || stat -L -f %Lp ${pathWord(movedFrom)} 2>/dev/null)"
mode="\${mode: -3}"
(if [ -n "$mode" ]; then umask 077; fi; cat > "$t") || { rm -f "$t"; exit 1; }
if [ -n "$mode" ]; then chmod "$mode" "$t"; fi${isProgram ? '\nchmod a+x "$t"' : ""}
mv -f "$t" "$f" || { rm -f "$t"; exit 1; }
echo $verdict`;
