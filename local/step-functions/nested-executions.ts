import type { Json } from "../../core/base/json.ts";
import type { Engine } from "./engine.ts";
import type { NestedExecutions, NestedResult } from "./integrations/nested.ts";
import type { Operations } from "./operations/operations.ts";

/** Executions started by executions, over the same operations that the wire uses. */
export const nestedExecutions = (engine: Engine, operations: Operations): NestedExecutions => ({
  start: async (stateMachineArn, name, input) => {
    const started = await operations.startExecution({ stateMachineArn, name, input });
    return { executionArn: started.executionArn, startDate: started.startDate.toISOString() };
  },
  arnOf: (machineArn, name) => `${machineArn.replace(":stateMachine:", ":execution:")}:${name}`,
  ended: async (executionArn) => {
    await engine.ended(executionArn);
    return capitalised(await operations.describeExecution({ executionArn }));
  },
  stop: (executionArn) => engine.stop(executionArn, { status: "ABORTED" }),
});

function capitalised(description: object): NestedResult {
  const plain = JSON.parse(JSON.stringify(description)) as Record<string, Json>;
  const entries = Object.entries(plain).map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value]);
  return { Status: "", ...(Object.fromEntries(entries) as Record<string, Json>) };
}
