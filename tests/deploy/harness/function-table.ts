/** What an operator wants to see at one glance: each function's size, resources and rights. */
import { componentNameOf } from "../../../stacks/names.ts";
import type { Deployment } from "../checks/check.ts";
import { functionNames, lambdaOf } from "../checks/functions.ts";
import { roleOfFunction, statementsOf } from "./policy.ts";

const kb = (bytes: number) => `${Math.round(bytes / 1000)} KB`;

function rowOf(name: (typeof functionNames)[number], { graph, packages, coldImports }: Deployment): string[] {
  const { memorySize, timeout } = lambdaOf(graph, name).inputs;
  const cold = coldImports[name];
  const { bundleBytes, allBytes, zipBytes } = packages[name];
  return [
    name,
    kb(bundleBytes),
    kb(allBytes),
    kb(zipBytes),
    `${cold?.cpuMs ?? "?"} ms`,
    `${cold?.peakMemoryMb ?? "?"} MB`,
    `${Number(memorySize)} MB`,
    `${Number(timeout)} s`,
  ];
}

const headings = ["function", "cold", "bundle", "zip", "cold import", "peak", "memory", "time-out"];

/** Actions by service: `dynamodb: GetItem, PutItem; states: StartExecution`. */
function actionsOf(name: (typeof functionNames)[number], { graph }: Deployment): string {
  const byService = new Map<string, Set<string>>();
  for (const { Action } of statementsOf(roleOfFunction(graph, componentNameOf(name)))) {
    for (const action of Action) {
      const [service = "", operation = ""] = action.split(":");
      byService.set(service, (byService.get(service) ?? new Set()).add(operation));
    }
  }
  return [...byService].map(([service, operations]) => `${service}: ${[...operations].join(", ")}`).join("; ");
}

export function functionTable(deployment: Deployment): string {
  const rows = [headings, ...functionNames.map((name) => rowOf(name, deployment))];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  const rights = functionNames.map((name) => `${name} may ${actionsOf(name, deployment)}`);
  return [...lines, "", ...rights].join("\n");
}
