/**
 * The embedded cloud with the deployed functions in it: each runs from its zip, in a thread of its own, with the
 * environment of the graph and the deployed state machine. Only where AWS is differs, and every call is recorded.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { openBlobs } from "../../../core/store/blobs.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openStore, type Store } from "../../../core/store/store.ts";
import { openTable } from "../../../core/store/table.ts";
import { startCloud, type Cloud } from "../../../local/cloud/index.ts";
import { functionArn } from "../../../local/cloud/names.ts";
import { manifest, resourceEnvironment, type MachineResources, type Manifest } from "../../../stacks/manifest.ts";
import type { FunctionName } from "../../../stacks/needs.ts";
import { arnOf, only, types, type Graph } from "./graph.ts";
import type { Package } from "./package.ts";
import { startRecorder, type Recorder } from "./recorder.ts";

export interface PackagedCloud {
  cloud: Cloud;
  recorders: Record<FunctionName, Recorder>;
  /** What the functions keep. */
  store: Store;
  close(): Promise<void>;
}

export interface PackagedOptions {
  graph: Graph;
  packages: Record<FunctionName, Package>;
  /** The deployed definition of the turn machine. */
  definition: object;
  arnsOf: Record<FunctionName, string>;
}

const names = Object.keys(manifest.functions) as FunctionName[];
const entry = "check-entry.mjs";

/** A module beside the bundle that makes the environment the deployed one, before the bundle's first line runs. */
function writeEntry({ folder, environment }: Package, overrides: Record<string, string>): string {
  // A thread has no current directory of its own, to which Lambda's relative path would refer.
  const keyFile = join(folder, environment["SST_KEY_FILE"] ?? "");
  const values = { ...environment, SST_KEY_FILE: keyFile, ...overrides };
  const file = join(folder, entry);
  writeFileSync(
    file,
    `Object.assign(process.env, ${JSON.stringify(values)});\nexport const { handler } = await import("./bundle.mjs");\n`,
  );
  return file;
}

/** The deployed definition names deployed functions and a deployed table; here they are called otherwise. */
function localDefinition({ definition, arnsOf, graph }: PackagedOptions, { tables }: MachineResources): object {
  const table = JSON.stringify(only(graph, types.table).outputs["name"]);
  let text = JSON.stringify(definition).replaceAll(table, JSON.stringify(tables["state"]));
  for (const name of names) text = text.replaceAll(arnsOf[name], functionArn(name));
  return JSON.parse(text) as object;
}

function storeOf(here: Record<string, string>): Store {
  const client = new DynamoDBClient({
    endpoint: here["AWS_ENDPOINT_URL_DYNAMODB"] ?? "",
    region: here["AWS_REGION"] ?? "",
    credentials: {
      accessKeyId: here["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: here["AWS_SECRET_ACCESS_KEY"] ?? "",
    },
  });
  const table = openTable(here[resourceEnvironment.table] ?? "", dynamoDbSdk(client));
  return openStore(table, openBlobs(here[resourceEnvironment.bucket] ?? ""), Date.now);
}

export async function startPackagedCloud(options: PackagedOptions): Promise<PackagedCloud> {
  const dataFolder = mkdtempSync(join(tmpdir(), "talaria-packaged-"));
  const packaged: Manifest = {
    ...manifest,
    functions: Object.fromEntries(
      names.map((name) => [name, { ...manifest.functions[name], module: join(options.packages[name].folder, entry) }]),
    ),
    machines: { turn: { ...manifest.machines.turn, definition: (resources) => localDefinition(options, resources) } },
    // The check sweeps itself: a minute is long.
    schedules: {},
  };
  const cloud = await startCloud({ manifest: packaged, dataFolder, environment: {}, mode: "strict", port: 0 });
  const here = cloud.awsEnvironment;
  const resources = Object.fromEntries(Object.values(resourceEnvironment).map((name) => [name, here[name] ?? ""]));
  const recorders = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await startRecorder(here)] as const)),
  ) as Record<FunctionName, Recorder>;
  const surroundings = {
    TALARIA_LOG_FILE: join(dataFolder, "talaria.log"),
    TALARIA_WORKSPACES: join(dataFolder, "workspaces"),
    // A Lambda has none of the programs of this machine.
    PATH: join(dataFolder, "no-programs"),
  };
  for (const name of names)
    writeEntry(options.packages[name], { ...resources, ...recorders[name].environment, ...surroundings });
  return {
    cloud,
    recorders,
    store: storeOf(here),
    async close() {
      await cloud.close();
      await Promise.all(Object.values(recorders).map((recorder) => recorder.close()));
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

/** What a recorded resource is called in the deployment. */
export function deployedResource(graph: Graph, resource: string): string {
  const find = (type: string) => graph.resources.find((candidate) => candidate.type === type);
  const [table, bucket, machine] = [
    "aws:dynamodb/table:Table",
    "aws:s3/bucket:Bucket",
    "aws:sfn/stateMachine:StateMachine",
  ]
    .map(find)
    .map((found) => (found ? arnOf(found) : ""));
  if (resource.startsWith("table/")) return resource.replace(/^table\/[^/]+/, table ?? "");
  if (!resource.startsWith("arn:")) return resource.replace(/^[^/]+/, bucket ?? "");
  const execution = /:execution:[^:]+(:.+)$/.exec(resource)?.[1];
  return execution ? `${machine?.replace(":stateMachine:", ":execution:")}${execution}` : (machine ?? "");
}
