import { manifest, type MachineResources } from "./manifest.ts";

const invokeLambda = "arn:aws:states:::lambda:invoke";

interface Task {
  Type: string;
  Resource?: string;
  Arguments?: Record<string, unknown>;
}

/**
 * The turn machine's definition with these functions in it, as JSON.
 *
 * @throws when a state names a function that is not among them: AWS would accept it, and fail the first turn.
 */
export function turnDefinition(resources: MachineResources): string {
  const definition = manifest.machines.turn.definition(resources);
  const known = new Set(Object.values(resources.functions));
  for (const [name, state] of Object.entries<Task>(definition.States)) {
    if (state.Resource !== invokeLambda || known.has(String(state.Arguments?.["FunctionName"]))) continue;
    throw new Error(`The state “${name}” of the turn machine names a function that the manifest does not have.`);
  }
  return JSON.stringify(definition);
}
