import { deepEqual, equal, match } from "node:assert/strict";
import type { Check } from "./check.ts";

export const answerChecks: Check[] = [
  {
    name: "sst deploy says that it is complete, and prints the URL of the ingress",
    run({ output }) {
      match(output, /✓\s+Complete/);
      match(output, /webhooks: https:\/\/\w+\.lambda-url\.us-east-1\.on\.aws\//);
    },
  },
  {
    name: "every question of the program and of the CLI had a real answer",
    run({ graph, unknownCalls }) {
      deepEqual(graph.unknownCalls, [], "data sources without an answer");
      deepEqual(unknownCalls, [], "AWS calls without an answer");
      equal(graph.errors.length, 0);
    },
  },
];
