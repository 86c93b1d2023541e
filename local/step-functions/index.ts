/** AWS Step Functions in one process: the same wire, the same language, durable in one folder. See README.md. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, type Clock } from "../../core/base/clock.ts";
import { createEndings, type OnStatusChange } from "./endings.ts";
import { Engine } from "./engine.ts";
import { createEvaluate } from "./evaluate.ts";
import { callFirst } from "./integrations/call.ts";
import { ecsIntegration, type RunEcsTask } from "./integrations/ecs.ts";
import type { CallIntegration } from "./integrations/integration.ts";
import { lambdaIntegration, sdkInvokeLambda, type InvokeLambda } from "./integrations/lambda.ts";
import { nestedIntegration } from "./integrations/nested.ts";
import { sdkIntegration } from "./integrations/sdk.ts";
import { runFlow } from "./interpreter.ts";
import { openJournals, type WatchWrite } from "./journal.ts";
import { nestedExecutions } from "./nested-executions.ts";
import { checkName, type OperationContext } from "./operations/operation.ts";
import { createOperations, type Operations } from "./operations/operations.ts";
import { createHandle, type Handle } from "./server.ts";
import { openStore } from "./store.ts";
import { createTokens } from "./tokens.ts";

export type { OnStatusChange, StatusChange } from "./endings.ts";
export { AslError } from "./errors.ts";
export type { RunEcsTask } from "./integrations/ecs.ts";
export { sdkInvokeLambda, type InvokeLambda } from "./integrations/lambda.ts";
export type { Operations } from "./operations/operations.ts";

export interface StepFunctionsOptions {
  /** Where everything durable lives; absent means a temporary folder that `close` removes. */
  folder?: string | undefined;
  /** Absent means through the SDK, wherever its environment points. */
  invokeLambda?: InvokeLambda | undefined;
  /** Stands in for ECS; absent means `ecs:runTask` goes through the SDK and `.sync` is refused. */
  runEcsTask?: RunEcsTask | undefined;
  /** Where the calls of other services go, in the names of the SDK's environment; absent means this process's own. */
  aws?: (() => Record<string, string>) | undefined;
  region?: string | undefined;
  account?: string | undefined;
  clock?: Clock | undefined;
  /** In [0, 1): jitter and `$random`. */
  random?: (() => number) | undefined;
  onStatusChange?: OnStatusChange | undefined;
  /** Whether answers wait for the disk (default). Without it a killed process still loses nothing, a power cut may. */
  fsync?: boolean | undefined;
  /** Is handed every write to the folder, to do it and to see how it goes; what that throws must be thrown on. */
  watchWrite?: WatchWrite | undefined;
}

export interface StepFunctions {
  /** The wire, for `http.createServer(handle)`. */
  handle: Handle;
  /** The same operations without HTTP. */
  operations: Operations;
  /** Takes up what the last process left. Call it once the functions can be invoked and before the server listens. */
  start(): Promise<{ resumed: number }>;
  /** Stops where everything is; a new engine over the same folder goes on from there. */
  close(): Promise<void>;
}

export function createStepFunctions(options: StepFunctionsOptions = {}): StepFunctions {
  const { region = "us-east-1", account = "000000000000", clock = systemClock, random = Math.random } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "step-functions-"));
  mkdirSync(folder, { recursive: true });
  const watchWrite: WatchWrite = options.watchWrite ?? ((write) => write());
  const journals = openJournals(folder, options.fsync ?? options.folder !== undefined, watchWrite);
  const store = openStore(join(folder, "index.sqlite"), watchWrite);
  const tokens = createTokens();
  const call: CallIntegration = (request) => integrations(request);
  const services = { clock, random, evaluate: createEvaluate(random), tokens, call, runFlow };
  const endings = createEndings({ journals, store, tokens, onStatusChange: options.onStatusChange ?? (() => {}) });
  const engine = new Engine({ journals, store, services, endings });
  const arn: OperationContext["arn"] = (kind, name) => `arn:aws:states:${region}:${account}:${kind}:${name}`;
  const operations = createOperations({ engine, store, journals, tokens, clock, arn, checkName });
  const integrations = callFirst([
    lambdaIntegration(options.invokeLambda ?? sdkInvokeLambda()),
    nestedIntegration(nestedExecutions(engine, operations)),
    ...(options.runEcsTask ? [ecsIntegration(options.runEcsTask)] : []),
    sdkIntegration(options.aws),
  ]);

  async function close(): Promise<void> {
    await engine.close();
    await journals.close();
    store.close();
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
  let closed: Promise<void> | undefined;

  return {
    handle: createHandle(operations),
    operations,
    start: () => Promise.resolve({ resumed: engine.resume() }),
    close: () => (closed ??= close()),
  };
}
