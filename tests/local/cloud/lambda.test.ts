import { InvokeCommand, LambdaClient, type InvokeCommandInput } from "@aws-sdk/client-lambda";
import { ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CloudOptions } from "../../../local/cloud/index.ts";
import { clientSettings, cloudFor, eventually, functionSpec, temporaryFolder } from "./support.ts";

const functions = {
  echo: functionSpec("echo"),
  misbehave: functionSpec("misbehave", { timeoutSeconds: 1 }),
  small: functionSpec("misbehave", { memoryMb: 64 }),
  broken: functionSpec("broken"),
  "no-handler": functionSpec("no-handler"),
  environment: functionSpec("environment"),
  gate: functionSpec("gate"),
  flaky: functionSpec("flaky"),
};

type Mode = CloudOptions["mode"];

async function lambdaFor(options: Partial<CloudOptions>) {
  const cloud = await cloudFor({ functions }, options);
  const client = new LambdaClient(clientSettings(cloud, "LAMBDA"));
  const invoke = async (FunctionName: string, event: unknown, more: Partial<InvokeCommandInput> = {}) => {
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), ...more }));
    const text = Buffer.from(answer.Payload ?? []).toString("utf8");
    return { ...answer, result: text === "" ? undefined : (JSON.parse(text) as unknown) };
  };
  return { cloud, client, invoke };
}

const linesOf = (file: string): number => {
  try {
    return readFileSync(file, "utf8").trim().split("\n").length;
  } catch {
    return 0;
  }
};

describe.each<Mode>(["in-process", "strict"])("Lambda, %s", (mode) => {
  it("answers what the handler returned", async () => {
    const { invoke } = await lambdaFor({ mode });
    const { result, StatusCode, FunctionError } = await invoke("talaria-echo", { text: "ä" });
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: undefined });
    expect(result).toMatchObject({
      event: { text: "ä" },
      context: {
        functionName: "talaria-echo",
        memoryLimitInMB: "256",
        invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:talaria-echo",
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        remainingMs: expect.any(Number),
      },
    });
  });

  it.each([
    "echo",
    "arn:aws:lambda:us-east-1:000000000000:function:talaria-echo:$LATEST",
    "000000000000:function:echo",
  ])("finds a function by %s", async (name) => {
    const { invoke } = await lambdaFor({ mode });
    expect((await invoke(name, 1)).result).toMatchObject({ event: 1 });
  });

  it.each([
    ["throw", { errorType: "Talaria.Refused", errorMessage: "no such thing", trace: expect.any(Array) }],
    ["throw-text", { errorType: "string", errorMessage: "plain text" }],
    ["large", { errorType: "Function.ResponseSizeTooLarge" }],
    [
      "hang",
      { errorType: "Sandbox.Timedout", errorMessage: expect.stringMatching(/Task timed out after 1\.00 seconds/) },
    ],
  ])("reports a handler that does %s as a function error", async (kind, error) => {
    const { invoke } = await lambdaFor({ mode });
    const { result, StatusCode, FunctionError } = await invoke("misbehave", { kind });
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: "Unhandled" });
    expect(result).toMatchObject(error);
    expect((await invoke("misbehave", { kind: "nothing" })).result).toBeNull();
  });

  it("reports a module that does not load, and one without a handler", async () => {
    const { invoke } = await lambdaFor({ mode });
    expect((await invoke("broken", {})).result).toMatchObject({ errorMessage: "the module does not load" });
    expect((await invoke("no-handler", {})).result).toMatchObject({ errorType: "Runtime.HandlerNotFound" });
  });

  it("refuses an unknown function, a body that is not JSON and one over 6 MB", async () => {
    const { invoke } = await lambdaFor({ mode });
    await expect(invoke("nobody", {})).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(invoke("echo", {}, { Payload: "{" })).rejects.toMatchObject({
      name: "InvalidRequestContentException",
    });
    await expect(invoke("echo", "x".repeat(6 * 1024 * 1024))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 413 },
    });
  });

  it("only checks on a dry run", async () => {
    const { invoke } = await lambdaFor({ mode });
    expect((await invoke("misbehave", { kind: "throw" }, { InvocationType: "DryRun" })).StatusCode).toBe(204);
  });

  it("tries an asynchronous invocation again", async () => {
    const { invoke } = await lambdaFor({ mode });
    const file = join(temporaryFolder(), "calls");
    const { StatusCode } = await invoke("flaky", { file, failures: 1 }, { InvocationType: "Event" });
    expect(StatusCode).toBe(202);
    await eventually("the second call", () => linesOf(file) === 2);
  });

  it("finds the cloud's services in the environment", async () => {
    const { cloud, invoke } = await lambdaFor({ mode, environment: { TALARIA_MODEL: "practice" } });
    // Where functions run apart, each has a key of its own.
    const { AWS_ACCESS_KEY_ID: key, ...services } = cloud.awsEnvironment;
    const { result } = await invoke("environment", {});
    expect(result).toMatchObject({ ...services, TALARIA_MODEL: "practice" });
    expect((result as NodeJS.ProcessEnv)["AWS_ACCESS_KEY_ID"] === key).toBe(mode === "in-process");
  });

  it("throttles when it is full", async () => {
    const { invoke } = await lambdaFor({ mode, maxConcurrent: 1, maxWaiting: 0 });
    const folder = temporaryFolder();
    const held = invoke("gate", { folder, id: "1" });
    await eventually("the first invocation runs", () => linesOf(join(folder, "entered-1")) > 0);
    await expect(invoke("gate", { folder, id: "2" })).rejects.toMatchObject({ name: "TooManyRequestsException" });
    writeFileSync(join(folder, "open"), "");
    await held;
    expect((await invoke("gate", { folder, id: "3" })).FunctionError).toBeUndefined();
  });
});

describe("Lambda, strict", () => {
  const mode = "strict";

  it("gives a function its own environment and nothing else", async () => {
    const { cloud, invoke } = await lambdaFor({ mode, environment: { TALARIA_MODEL: "practice" } });
    const { result } = await invoke("environment", {});
    const own = ["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"];
    const expected = [...Object.keys(cloud.awsEnvironment), ...own, "LAMBDA_TASK_ROOT", "TALARIA_MODEL", "TZ"];
    expect(Object.keys(result as object).sort()).toEqual(expected.sort());
  });

  it("lets a function call what its role allows, and refuses the rest as AWS does", async () => {
    const mayCall = (name: string, action: string) => name === "environment" && action === "lambda:InvokeFunction";
    const { cloud, invoke } = await lambdaFor({ mode, mayCall });
    const { AWS_ACCESS_KEY_ID: accessKeyId = "" } = (await invoke("environment", {})).result as NodeJS.ProcessEnv;
    const credentials = { accessKeyId, secretAccessKey: "embedded" };
    const lambda = new LambdaClient({ ...clientSettings(cloud, "LAMBDA"), credentials });
    expect(await lambda.send(new InvokeCommand({ FunctionName: "echo" }))).toMatchObject({ StatusCode: 200 });
    const stepFunctions = new SFNClient({ ...clientSettings(cloud, "SFN"), credentials });
    await expect(stepFunctions.send(new ListStateMachinesCommand({}))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: "The function environment is not authorized to perform: states:ListStateMachines",
    });
  });

  it.each([
    ["exit", /exit status 3/],
    ["allocate", /signal: killed/],
  ])("survives a function that does %s, and starts a new instance", async (kind, message) => {
    const { invoke } = await lambdaFor({ mode });
    const { result } = await invoke("small", { kind });
    expect(result).toMatchObject({ errorType: "Runtime.ExitError", errorMessage: expect.stringMatching(message) });
    expect((await invoke("small", { kind: "nothing" })).FunctionError).toBeUndefined();
  });

  it("runs one invocation at a time in an instance, and the rest wait for a warm one", async () => {
    const { invoke } = await lambdaFor({ mode, maxConcurrent: 2 });
    const folder = temporaryFolder();
    const invocations = ["1", "2", "3"].map((id) => invoke("gate", { folder, id }));
    await eventually(
      "two run",
      () => ["1", "2", "3"].filter((id) => linesOf(join(folder, `entered-${id}`))).length === 2,
    );
    writeFileSync(join(folder, "open"), "");
    const threads = (await Promise.all(invocations)).map(({ result }) => result);
    expect(new Set(threads).size).toBe(2);
  });

  it("preloads what the harness asks for into every thread", async () => {
    const hook = join(temporaryFolder(), "hook.mjs");
    writeFileSync(hook, `process.env.HOOKED = "yes";`);
    const { invoke } = await lambdaFor({ mode, workerExecArgv: ["--import", hook] });
    expect((await invoke("environment", {})).result).toMatchObject({ HOOKED: "yes" });
  });
});
