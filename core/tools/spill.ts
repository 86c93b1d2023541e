import { refused } from "../base/errors.ts";
import { quote } from "../shells/quote.ts";
import type { Workspace } from "../shells/shell.ts";

const timeoutMs = 60_000;

/**
 * Saves a text that is too long to show where the model can read it with its file tools; returns its path in the
 * workspace. Throws a refused error when the workspace could not take it (a full disk).
 */
export async function saveText(workspace: Workspace, name: string, text: string): Promise<string> {
  const file = `${name.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.txt`;
  const script = `mkdir -p "$HOME/.talaria/outputs" && cat > "$HOME"/.talaria/outputs/${quote(file)}`;
  const { exitCode, output } = await workspace.run(script, { timeoutMs, stdin: text });
  if (exitCode !== 0) throw refused(`The output could not be saved: ${output.trim().slice(0, 200)}`);
  return `~/.talaria/outputs/${file}`;
}
