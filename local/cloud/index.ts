import { join } from "node:path";
import { silentLog } from "../../core/base/log.ts";
import type { FunctionSpec, Manifest } from "../../stacks/manifest.ts";
import { makeAccessKeys } from "./access-keys.ts";
import { applyToProcess, awsEnvironment } from "./aws-environment.ts";
import { backgroundClock } from "./clock.ts";
import { createCounters } from "./counters.ts";
import { openDataFolder, type DataFolder } from "./data-folder.ts";
import { createDiskReport, onDiskWithRoom, type DiskReport } from "./disk-report.ts";
import { callDynamoDb } from "./dynamodb-call.ts";
import { startDynamoDb, type DynamoDbOptions } from "./dynamodb.ts";
import { startFront, type Route } from "./front.ts";
import { functionUrlHandler } from "./function-url.ts";
import { startExpiry } from "./expiry.ts";
import { openFunctions, type Functions } from "./functions.ts";
import type { LambdaService } from "./lambda.ts";
import { resourceName } from "./names.ts";
import type { Cloud, CloudOptions } from "./options.ts";
import { openObjectStore, type ObjectStore } from "./s3-store.ts";
import { s3Handler } from "./s3.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { openStateMachines, type StateMachines } from "./state-machines.ts";
import { openAll } from "./wire.ts";
import { createWireServices } from "./wire-services.ts";

export type { Cloud, CloudOptions } from "./options.ts";

/**
 * Starts in this process, on the loopback address, everything that Talaria needs of AWS, from the same manifest that a
 * deployment is made of.
 *
 * @throws a refusal when the data folder or the port is taken or the disk is full; nothing is left running then.
 */
export const startCloud = (options: CloudOptions): Promise<Cloud> =>
  onDiskWithRoom(options.dataFolder, () => openCloud(options));

async function openCloud(options: CloudOptions): Promise<Cloud> {
  // Last opened, first closed: after a failed start as on close.
  await using resources = new AsyncDisposableStack();
  const folder = openDataFolder(options.dataFolder);
  resources.defer(() => folder.release());
  const cloud = await openServices(options, folder, resources);
  const running = resources.move();
  return { ...cloud, close: () => running.disposeAsync() };
}

async function openServices(
  options: CloudOptions,
  folder: DataFolder,
  resources: AsyncDisposableStack,
): Promise<Omit<Cloud, "close">> {
  const { manifest, port, mode, routes = [] } = options;
  const keys = makeAccessKeys();
  const counters = createCounters();
  const { clock = backgroundClock, log = silentLog, notify = () => {} } = options;
  const report = createDiskReport({ folder: folder.path, log, notify });
  let environment: Record<string, string> = {};
  const functions = openFunctions(options, { folder, environment: () => environment, keys, report }, resources);
  const machines = await openStateMachines({
    ...functions,
    manifest,
    folder: folder.sub("step-functions"),
    report,
    clock: options.clock,
    environment: () => environment,
  });
  resources.defer(() => machines.close());
  const scheduler = openScheduler(options, { folder, functions, machines, report });
  resources.defer(() => scheduler.close());
  const store = openBuckets(manifest, folder, report);
  resources.defer(() => store.close());

  const { open, wrap } = createWireServices({ keys, mayCall: options.mayCall }, counters);
  const dynamodb: Omit<DynamoDbOptions, "wrap"> = {
    folder: folder.sub("dynamodb"),
    tables: manifest.tables,
    wasAbandoned: folder.wasAbandoned,
    report,
    call: callDynamoDb(keys.own),
  };
  const { front, ...urls } = await openAll(resources, {
    front: () => startFront([...functionRoutes(manifest, functions.lambda), ...routes], port),
    dynamodb: () => startDynamoDb({ ...dynamodb, wrap: (handle) => wrap("dynamodb", handle) }),
    s3: () => open("s3", s3Handler(store)),
    sfn: () => open("sfn", machines.handle),
    lambda: () => open("lambda", functions.lambda.handle),
    scheduler: () => open("scheduler", scheduler.handle),
  });

  resources.defer(startExpiry({ ...dynamodb, url: urls.dynamodb, clock, log }));
  const aws = awsEnvironment(urls, keys.own, manifest, front);
  environment = { ...options.environment, ...aws };
  if (mode === "in-process") resources.defer(applyToProcess(environment));
  await takeUpWork(functions, machines, scheduler);
  return {
    url: front,
    awsEnvironment: aws,
    counters,
    stepFunctions: machines.operations,
    invoke: (name, event) => functions.lambda.invoke(name, JSON.stringify(event)),
  };
}

/** Only now can functions run: their environment names every service. */
async function takeUpWork({ events }: Functions, machines: StateMachines, scheduler: Scheduler): Promise<void> {
  events.start();
  await machines.start();
  scheduler.start();
}

interface SchedulerParts {
  folder: DataFolder;
  functions: Functions;
  machines: StateMachines;
  report: DiskReport;
}

function openScheduler(
  { manifest, clock = backgroundClock, log = silentLog }: CloudOptions,
  { folder, functions: { events }, machines: { operations }, report }: SchedulerParts,
): Scheduler {
  return createScheduler({
    folder: folder.sub("schedules"),
    schedules: manifest.schedules,
    acceptEvent: (name, payload) => events.accept(name, payload),
    startExecution: (input) => operations.startExecution(input),
    clock,
    log,
    report,
  });
}

function openBuckets(manifest: Manifest, folder: DataFolder, report: DiskReport): ObjectStore {
  const store = openObjectStore(join(folder.sub("s3"), "objects.sqlite"));
  for (const bucket of manifest.buckets) store.createBucket(resourceName(bucket));
  return {
    ...store,
    put: (bucket, key, object) => report.watch("files", () => store.put(bucket, key, object)),
    delete: (bucket, key) => report.watch("files", () => store.delete(bucket, key)),
  };
}

/** A function with a URL answers below its name; it checks signatures itself. */
const functionRoutes = (manifest: Manifest, lambda: LambdaService): Route[] =>
  Object.entries<FunctionSpec>(manifest.functions)
    .filter(([, spec]) => spec.url)
    .map(([name]) => ({
      path: `/${name}/`,
      handle: functionUrlHandler((payload) => lambda.invoke(name, payload)),
      isPublic: true,
    }));
