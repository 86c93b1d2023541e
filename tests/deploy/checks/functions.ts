import { deepEqual, equal, ok } from "node:assert/strict";
import { settingsOf } from "../../../core/base/agent-config.ts";
import { manifest, resourceEnvironment, type FunctionSpec } from "../../../stacks/manifest.ts";
import { componentNameOf } from "../../../stacks/names.ts";
import { needs, usesShell, type FunctionName } from "../../../stacks/needs.ts";
import { only, ofType, types, type Graph, type GraphResource } from "../harness/graph.ts";
import { environmentOf } from "../harness/package.ts";
import type { Check } from "./check.ts";

export const functionNames = Object.keys(manifest.functions) as FunctionName[];

export const lambdaOf = (graph: Graph, name: FunctionName): GraphResource =>
  only(graph, types.function, `${componentNameOf(name)}Function`);

/** What AWS allows for all variables together: 4 KB. */
const maxEnvironmentBytes = 4096;

export const functionChecks: Check[] = [
  {
    name: "the functions of the manifest are deployed, and no others",
    run: ({ graph }) =>
      deepEqual(
        ofType(graph, types.function)
          .map(({ name }) => name)
          .sort(),
        functionNames.map((name) => `${componentNameOf(name)}Function`).sort(),
      ),
  },
  {
    name: "each runs on Node 24 on arm64, with the memory and the time that manifest and config give it",
    run({ graph, config }) {
      const { memory } = config;
      const chosen: Partial<Record<FunctionName, number>> = {
        webhooks: memory.webhooks,
        "agent-step": memory.agentStep,
      };
      for (const name of functionNames) {
        const spec = manifest.functions[name];
        const { runtime, architectures, memorySize, timeout } = lambdaOf(graph, name).inputs;
        deepEqual(
          { runtime, architectures, memorySize, timeout },
          {
            runtime: "nodejs24.x",
            architectures: ["arm64"],
            memorySize: chosen[name] ?? spec.memoryMb,
            timeout: spec.timeoutSeconds,
          },
          name,
        );
      }
    },
  },
  {
    name: "each keeps 30 days of JSON logs in a group of its own",
    run({ graph }) {
      for (const name of functionNames) {
        const { logFormat, logGroup } = lambdaOf(graph, name).inputs["loggingConfig"] as Record<string, unknown>;
        const group = only(graph, types.logGroup, `${componentNameOf(name)}LogGroup`);
        deepEqual(
          { logFormat, logGroup, days: group.inputs["retentionInDays"] },
          { logFormat: "JSON", logGroup: group.inputs["name"], days: 30 },
        );
      }
    },
  },
  {
    name: "each environment has what the function reads and no more, and fits into 4 KB",
    run({ graph, config }) {
      const settings = settingsOf(config);
      for (const name of functionNames) {
        const environment = environmentOf(lambdaOf(graph, name));
        const own = Object.keys(environment).filter((key) => !key.startsWith("SST_"));
        const { shellUrl, reviewFunction, curatorFunction, ...resources } = resourceEnvironment;
        const expected = [
          ...Object.values(resources),
          ...(name === "agent-step" ? [shellUrl, curatorFunction] : []),
          ...(["agent-step", "abandon", "schedule"].includes(name) ? [reviewFunction] : []),
          ...needs[name].settings.filter((key) => settings[key] !== undefined),
          ...(usesShell(name) ? ["TALARIA_WORKSPACES"] : []),
        ];
        deepEqual(own.sort(), expected.sort(), name);
        ok(JSON.stringify(environment).length < maxEnvironmentBytes, `${name}: too much for a Lambda's environment`);
      }
    },
  },
  {
    name: "only a function with a URL can be called from outside, without CORS",
    run({ graph }) {
      const specs: Record<string, FunctionSpec> = manifest.functions;
      const open = Object.keys(specs).filter((name) => specs[name]?.url);
      const urls = ofType(graph, types.functionUrl);
      deepEqual(
        new Set(urls.map(({ inputs }) => inputs["functionName"])),
        new Set(open.map((name) => lambdaOf(graph, name as FunctionName).inputs["name"])),
      );
      for (const { inputs } of urls) equal(inputs["cors"], undefined);
    },
  },
];
