import { posix } from "node:path";
import { redact } from "../../guard/redact.ts";
import { pathWord, quote } from "../quote.ts";
import { enterSession } from "../session.ts";
import type { Workspace } from "../shell.ts";
import { restMinutes, whereGitIs } from "./store.ts";

/** A tool never waits longer than this for a checkpoint. */
const timeoutMs = 10_000;
const maxLabelChars = 120;

interface CheckpointRequest {
  session: string;
  /** One word that is the same for all calls of a turn: only the first of them makes a checkpoint of a folder. */
  turnKey: string;
  /** For the list: what is about to happen. */
  label: string;
  /** What is about to be changed; absent: something in the session's folder. */
  path?: string;
  signal?: AbortSignal;
}

/**
 * Keeps what a folder holds before the first change of a turn: the project that the path lies in, else the home. Never
 * fails. Returns a sentence where there is no checkpoint, once for each reason in a workspace, else `undefined`.
 */
export async function checkpoint(workspace: Workspace, request: CheckpointRequest): Promise<string | undefined> {
  const { signal } = request;
  try {
    const { output, timedOut } = await workspace.run(script(request), {
      timeoutMs,
      outlives: true,
      ...(signal && { signal }),
    });
    const [, said] = /^skipped (.*)$/m.exec(output) ?? [];
    const reason = timedOut ? `it took longer than ${timeoutMs / 1000} seconds` : said;
    return reason === undefined ? undefined : `No checkpoint was made, so this cannot be undone: ${reason}.`;
  } catch {
    // The tool goes on, and meets what is wrong with the workspace itself.
    return undefined;
  }
}

/** A label and a turn become lines of a commit's message. */
const oneLine = (text: string): string => redact(text.replaceAll(/\s+/g, " ")).trim().slice(0, maxLabelChars);

const script = (request: CheckpointRequest): string => `
${enterSession(request.session)}
cp_say() {
  # Once for each reason: the file remembers which were told.
  mkdir -p "$HOME/.talaria/checkpoints" 2>/dev/null
  grep -qxF "$1" "$HOME/.talaria/checkpoints/told" 2>/dev/null && return
  echo "$1" >> "$HOME/.talaria/checkpoints/told"
  echo "skipped $1"
}
${whereGitIs(body(request), 'cp_say "there is no git in this shell"')}`;

const body = ({ turnKey, label, path }: CheckpointRequest): string => `
cp_target=${path === undefined ? `"$PWD"` : pathWord(posix.dirname(path))}
while [ ! -d "$cp_target" ] && [ "$cp_target" != / ] && [ "$cp_target" != . ]; do cp_target="$(dirname "$cp_target")"; done
cp_root="$(cp_root "$cp_target")" || exit 0
cp_lock && cp_init || exit 0
cp_key=${quote(oneLine(turnKey))}
# The home's checkpoint of this turn holds the projects in it too.
case "$cp_root/" in "$cp_home"/*) cp_outer="$cp_home" ;; *) cp_outer="$cp_root" ;; esac
for cp_each in "$cp_outer" "$cp_root"; do
  cp_use "$cp_each"
  [ "$(cat "$cp_store/$cp_name.turn" 2>/dev/null)" = "$cp_key" ] && exit 0
done
[ -n "$(find "$cp_store/$cp_name.rest" -mmin -${restMinutes} 2>/dev/null)" ] && exit 0
# It stays there where the script does not come to its end.
: > "$cp_store/$cp_name.rest"
if cp_tree && cp_keep ${quote(oneLine(label) || "a change")} "$cp_key"; then
  rm -f "$cp_store/$cp_name.rest"
  printf '%s' "$cp_key" > "$cp_store/$cp_name.turn"
else
  cp_say "$cp_folder is left out, $cp_reason"
fi
cp_drop`;
