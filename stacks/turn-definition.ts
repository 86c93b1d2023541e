import { manifest } from "./manifest.ts";

interface Task {
  Type: string;
  Resource?: string;
  Arguments?: { FunctionName?: string };
}

/**
 * The turn machine's definition with these functions in it, as JSON.
 *
 * @param arns by logical name
 * @throws when a state names a function that is not among them: AWS would accept it, and fail the first turn.
 */
export function turnDefinition(arns: Record<string, string>): string {
  const definition = manifest.machines.turn.definition(arns);
  const known = new Set(Object.values(arns));
  for (const [name, state] of Object.entries<Task>(definition.States)) {
    if (state.Type !== "Task" || known.has(state.Arguments?.FunctionName ?? "")) continue;
    throw new Error(`The state “${name}” of the turn machine names a function that the manifest does not have.`);
  }
  return JSON.stringify(definition);
}
