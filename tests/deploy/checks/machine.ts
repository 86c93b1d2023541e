import { deepEqual, equal, ok } from "node:assert/strict";
import validate from "asl-validator";
import languageService from "amazon-states-language-service";
import { manifest } from "../../../stacks/manifest.ts";
import { arnOf, only, types, type Graph } from "../harness/graph.ts";
import { componentNameOf } from "../../../stacks/names.ts";
import { isAllowed, roleNamed } from "../harness/policy.ts";
import type { Check } from "./check.ts";

interface State {
  Type: string;
  Resource?: string;
  Arguments?: { FunctionName?: string; TableName?: string };
  TimeoutSeconds?: number;
  Catch?: unknown[];
  Retry?: unknown[];
}

export interface Definition {
  TimeoutSeconds?: number;
  States: Record<string, State>;
}

const machineOf = (graph: Graph) => only(graph, types.stateMachine);

export const definitionOf = (graph: Graph): Definition =>
  JSON.parse(String(machineOf(graph).inputs["definition"])) as Definition;

/** A state that waits: it leaves its token in the table. */
const writeToken = "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken";

const tableNameOf = (graph: Graph) => String(only(graph, types.table).outputs["name"]);

const tasksOf = (graph: Graph): [name: string, state: State][] =>
  Object.entries(definitionOf(graph).States).filter(([, { Type }]) => Type === "Task");

async function findingsOfAws(definition: Definition): Promise<string[]> {
  const service = languageService.getLanguageService({});
  const text = languageService.TextDocument.create("file:///turn.asl.json", "asl", 1, JSON.stringify(definition));
  const findings = await service.doValidation(text, service.parseJSONDocument(text));
  return findings.map((finding) => JSON.stringify(finding.message));
}

export const machineChecks: Check[] = [
  {
    name: "AWS's language service has nothing to say about the deployed state machine",
    run: async ({ graph }) => deepEqual(await findingsOfAws(definitionOf(graph)), []),
  },
  {
    name: "asl-validator has nothing to say about it either, its JSONata included",
    run: ({ graph }) => deepEqual(validate(definitionOf(graph), { checkArn: true }).errors, []),
  },
  {
    name: "the deployed definition is the one of the manifest, with the deployed functions in it",
    run({ graph }) {
      const names = Object.keys(manifest.functions);
      const arns = names.map((name) => [name, arnOf(only(graph, types.function, `${componentNameOf(name)}Function`))]);
      const resources = { functions: Object.fromEntries(arns), tables: { state: tableNameOf(graph) } };
      deepEqual(definitionOf(graph), manifest.machines.turn.definition(resources));
    },
  },
  {
    name: "the machine's role allows what every state calls, and calls only functions that exist",
    async run({ graph }) {
      const role = roleNamed(graph, machineOf(graph).inputs["roleArn"]);
      for (const [name, { Resource, Arguments }] of tasksOf(graph)) {
        if (Resource === writeToken) {
          equal(Arguments?.TableName, tableNameOf(graph));
          ok(await isAllowed(role, "dynamodb:UpdateItem", arnOf(only(graph, types.table))), `${name} may not wait`);
          continue;
        }
        equal(Resource, "arn:aws:states:::lambda:invoke", `${name} calls something else than a function`);
        const target = String(Arguments?.FunctionName);
        ok(await isAllowed(role, "lambda:InvokeFunction", target), `${name} may not invoke ${target}`);
      }
    },
  },
  {
    name: "the machine's role does not allow the functions that are none of its business",
    async run({ graph }) {
      const role = roleNamed(graph, machineOf(graph).inputs["roleArn"]);
      const table = arnOf(only(graph, types.table));
      for (const action of ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"])
        ok(!(await isAllowed(role, action, table)), `the machine may ${action}`);
      for (const name of ["Webhooks", "Schedule", "Shell"]) {
        const arn = arnOf(only(graph, types.function, `${name}Function`));
        ok(!(await isAllowed(role, "lambda:InvokeFunction", arn)), `the machine may invoke ${name}`);
      }
    },
  },
  {
    name: "the machine and each of its tasks has a time limit and a second try",
    run({ graph }) {
      ok(definitionOf(graph).TimeoutSeconds, "the machine has no time limit");
      for (const [name, { TimeoutSeconds, Retry }] of tasksOf(graph)) {
        ok(TimeoutSeconds, `${name} has no time limit`);
        ok(Retry?.length, `${name} is not tried again`);
      }
    },
  },
  {
    name: "the machine logs errors, without the words that went through it, for 30 days",
    run({ graph }) {
      const { level, includeExecutionData, logDestination } = machineOf(graph).inputs["loggingConfiguration"] as Record<
        string,
        unknown
      >;
      deepEqual({ level, includeExecutionData }, { level: "ERROR", includeExecutionData: false });
      const group = only(graph, types.logGroup, "TurnLogs");
      equal(logDestination, `${arnOf(group)}:*`);
      equal(group.inputs["retentionInDays"], 30);
    },
  },
];
