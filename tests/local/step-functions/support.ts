/** An engine behind a real HTTP server, the real SFN client in front of it, and a scripted Lambda. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  type DescribeExecutionCommandOutput,
} from "@aws-sdk/client-sfn";
import type { Json } from "../../../core/base/json.ts";
import {
  createStepFunctions,
  type InvokeLambda,
  type StepFunctionsOptions,
} from "../../../local/step-functions/index.ts";

export type Fields = Record<string, Json>;
export type Functions = Record<string, (payload: Json, signal: AbortSignal) => Promise<Json> | Json>;

/** A function that throws answers as Lambda does, with the error's name as its type. */
export const scriptedLambda =
  (functions: Functions): InvokeLambda =>
  async (name, payload, { signal }) => {
    const run = functions[name];
    if (!run) throw Object.assign(new Error(`Function not found: ${name}`), { name: "ResourceNotFoundException" });
    try {
      return { payload: await run(payload, signal) };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error instanceof Error ? error : new Error(String(error));
      return { functionError: "Unhandled", payload: { errorType, errorMessage } };
    }
  };

export async function boot(options: StepFunctionsOptions & { functions?: Functions } = {}) {
  const { functions = {}, ...rest } = options;
  const engine = createStepFunctions({ invokeLambda: scriptedLambda(functions), ...rest });
  const { resumed } = await engine.start();
  const server = createServer(engine.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const sfn = client(port);
  return {
    ...createCalls(sfn),
    engine,
    resumed,
    sfn,
    close: async () => {
      sfn.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
    },
  };
}

export type Booted = Awaited<ReturnType<typeof boot>>;

export const client = (port: number) =>
  new SFNClient({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });

export const machine = (states: Record<string, object>, extra: object = {}): string =>
  JSON.stringify({ QueryLanguage: "JSONata", StartAt: Object.keys(states)[0], States: states, ...extra });

export const roleArn = "arn:aws:iam::000000000000:role/test";

export function createCalls(sfn: SFNClient) {
  let count = 0;
  const create = async (definition: string, name = `machine-${(count += 1)}`): Promise<string> =>
    (await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn }))).stateMachineArn ?? "";
  const start = async (stateMachineArn: string, input: Json = {}, name?: string): Promise<string> =>
    (await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }))).executionArn ??
    "";
  const ended = (executionArn: string): Promise<DescribeExecutionCommandOutput> =>
    until(async () => {
      const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return described.status === "RUNNING" ? undefined : described;
    });
  const begin = async (states: Record<string, object>, input: Json = {}, extra: object = {}): Promise<string> =>
    start(await create(machine(states, extra)), input);
  return {
    create,
    start,
    ended,
    begin,
    /** The parsed output of a run, or its status and error. */
    run: async (states: Record<string, object>, input: Json = {}, extra: object = {}): Promise<unknown> =>
      outcome(await ended(await begin(states, input, extra))),
  };
}

export const outcome = ({ status, output, error, cause }: DescribeExecutionCommandOutput): unknown =>
  status === "SUCCEEDED" ? JSON.parse(output ?? "null") : { status, error, cause };

/** Asks until there is an answer; fails after ten seconds. */
export async function until<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadlineMs = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadlineMs) throw new Error("It did not happen within ten seconds.");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A Task that invokes a scripted function and ends with what it returned. */
export const invoke = (functionName: string, payload: Json, extra: object = {}): object => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`, Payload: payload },
  Output: "{% $states.result.Payload %}",
  End: true,
  ...extra,
});

/** A Task whose token the named function is given. */
export const tokenTask = (functionName: string, extra: object = {}): object => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
  Arguments: { FunctionName: functionName, Payload: { token: "{% $states.context.Task.Token %}" } },
  TimeoutSeconds: 600,
  End: true,
  ...extra,
});

export const pass = (output: Json): object => ({ Type: "Pass", Output: output, End: true });

export const failWith = (name: string, message = "it failed"): never => {
  throw Object.assign(new Error(message), { name });
};
