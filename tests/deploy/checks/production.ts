/** A preview of the production stage with the repository's own agent.config.ts. */
import { equal, ok } from "node:assert/strict";
import { only, types } from "../harness/graph.ts";
import type { GraphCheck } from "./check.ts";

export const productionChecks: GraphCheck[] = [
  {
    name: "in production the table and the bucket stay when the deployment is removed",
    run(graph) {
      for (const type of [types.table, types.bucket])
        ok(only(graph, type).retainOnDelete, `${type} would be deleted with the deployment`);
    },
  },
  {
    name: "in production the table cannot be deleted by accident",
    run: (graph) => equal(only(graph, types.table).inputs["deletionProtectionEnabled"], true),
  },
];
