import { pathWord } from "../../shells/quote.ts";
import type { ToolContext } from "../tool.ts";
import { protectedPath } from "./protected.ts";
import { failureOf, runFileScript } from "./run-script.ts";

/**
 * A function that says in `$verdict` whether `$1` may be written, and in `$about` where it really lies. The deepest
 * folder that exists decides that: what is below it has no `..` (see pathWord) and no links.
 */
export const checkFunction = `
check() {
  verdict=fine
  if [ -L "$1" ]; then verdict=link; about="$(readlink "$1")"; return; fi
  if [ -d "$1" ]; then verdict=folder; about="$1"; return; fi
  folder="$(dirname "$1")"
  rest="/$(basename "$1")"
  while [ ! -d "$folder" ] && [ "$folder" != / ] && [ "$folder" != . ]; do
    rest="/$(basename "$folder")$rest"
    folder="$(dirname "$folder")"
  done
  real="$(cd -P "$folder" && pwd -P)" || { verdict=unreachable; return; }
  home="$(cd -P "$HOME" && pwd -P)"
  about="$real$rest"
  case "$about" in
    "$home"/.talaria/*) verdict=ours ;;
    "$home"/*|/tmp/*) ;;
    *) verdict=outside; about="$real" ;;
  esac
}`;

/** What a verdict of `checkFunction` other than "fine" means; `undefined` for words that are none of them. */
export function refusalOf(path: string, verdict: string, about: string): { error: string } | undefined {
  switch (verdict) {
    case "outside":
      return {
        error: `${path} lies outside the workspace (${about}), where nothing is written. Choose a path under the home folder or /tmp.`,
      };
    case "link":
      return { error: `${path} is a symbolic link to ${about}. Write to that path instead.` };
    case "folder":
      return { error: `${path} is a folder.` };
    case "ours":
      return protection(path, { isIsolated: true }, "~/.talaria");
    default:
      return undefined;
  }
}

/** Why one of these paths is not written, before anything is. Elsewhere than in an isolated workspace links count too. */
export async function writeError(
  context: ToolContext,
  paths: readonly string[],
): Promise<{ error: string } | undefined> {
  const workspace = await context.workspace();
  for (const path of paths) {
    const error = protection(path, workspace);
    if (error !== undefined) return error;
  }
  if (workspace.isIsolated && paths.length === 1) return undefined;
  const result = await runFileScript(context, `${checkFunction}\necho checked\n${paths.map(checkLine).join("\n")}`);
  if (result.verdict !== "checked" || result.exitCode !== 0) return failureOf("Looking at the paths", result);
  const said = result.data.split("\n");
  for (const [at, path] of paths.entries()) {
    const [, verdict = "", about = ""] = /^(\w+) (.*)$/.exec(said[at] ?? "") ?? [];
    const error = refusalOf(path, verdict, about) ?? protection(path, workspace, about);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** A path with a line end in it is told by its first line. */
const checkLine = (path: string): string => `about=; check ${pathWord(path)}; echo "$verdict $about" | head -n 1`;

function protection(path: string, workspace: { isIsolated: boolean }, real = path): { error: string } | undefined {
  const reason = protectedPath(real, workspace);
  if (reason === undefined) return undefined;
  return { error: `${path} ${reason} and is not written. If the person wants it, tell them what to put there.` };
}
