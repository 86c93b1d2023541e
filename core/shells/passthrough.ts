import type { PassedVariable } from "../base/passthrough.ts";
import { quote } from "./quote.ts";
import type { Workspace } from "./shell.ts";

/** Names what was passed, for the scripts that must not keep it or must not take it away. Itself never kept. */
export const passedMark = "__talaria_passed";

/**
 * The workspace, with these variables in the environment of every script. They travel in the script's own text, which
 * no backend puts among a process's arguments or into a file that stays; a job inherits them from the script that
 * starts it.
 */
export function withPassthrough(workspace: Workspace, variables: readonly PassedVariable[]): Workspace {
  if (variables.length === 0) return workspace;
  const names = variables.map(({ name }) => name).join(" ");
  const all = [{ name: passedMark, value: names }, ...variables];
  const prelude = `export ${all.map(({ name, value }) => `${name}=${quote(value)}`).join(" ")}\n`;
  return { ...workspace, run: (script, options) => workspace.run(prelude + script, options) };
}

/** For the model, behind what is said of its machine; "" when nothing is passed. */
export const sayPassed = (names: readonly string[]): string =>
  names.length === 0
    ? ""
    : ` Set in the environment of every command: ${names.join(", ")}. Use them by name; where a value comes back you see ***.`;

/** In a script: takes the mark and what it names out of what `export -p` lists, whatever a command made of IFS. */
export const unexportPassed = `
__talaria_left="\${${passedMark}:+$${passedMark} }${passedMark} "
while [ -n "$__talaria_left" ]; do
  export -n "\${__talaria_left%% *}"
  __talaria_left="\${__talaria_left#* }"
done`;
