/** What is looked at in a deployment, in this order: the last ones run what was packaged. */
import { answerChecks } from "./answers.ts";
import type { Check } from "./check.ts";
import { functionChecks } from "./functions.ts";
import { machineChecks } from "./machine.ts";
import { operationChecks } from "./operations.ts";
import { packageChecks } from "./packages.ts";
import { policyChecks } from "./policies.ts";
import { reachChecks } from "./reach.ts";
import { secretChecks } from "./secrets.ts";
import { tableChecks } from "./table.ts";
import { turnChecks } from "./turn.ts";

export const allChecks: Record<string, readonly Check[]> = {
  "What was asked": answerChecks,
  "The state machine": machineChecks,
  Functions: functionChecks,
  "Who calls them": reachChecks,
  "What they may do": policyChecks,
  "Table and bucket": tableChecks,
  Secrets: secretChecks,
  Operations: operationChecks,
  Packages: packageChecks,
  "A conversation, from the zips": turnChecks,
};
