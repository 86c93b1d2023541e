import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AslError, sdkInvokeLambda, type InvokeLambda } from "../../../local/step-functions/index.ts";
import { boot, machine, outcome, pass, until, type Booted } from "./support.ts";
import { turnedClock } from "./turned-clock.ts";

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const close = (server: Server) => new Promise((resolve) => server.close(resolve));
const environment = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
const task = (Resource: string, Arguments: object, extra: object = {}) => ({
  Type: "Task",
  Resource: `arn:aws:states:::${Resource}`,
  Arguments,
  End: true,
  ...extra,
});

let booted: Booted;
afterEach(() => booted.close());

describe("DynamoDB through its real client", () => {
  const server = dynalite({ createTableMs: 0 });
  const saved = { ...process.env };

  beforeAll(async () => {
    Object.assign(process.env, environment, { AWS_ENDPOINT_URL_DYNAMODB: await listen(server) });
    const client = new DynamoDBClient({});
    await client.send(
      new CreateTableCommand({
        TableName: "Table",
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      }),
    );
    client.destroy();
  });
  afterAll(async () => {
    process.env = saved;
    await close(server);
  });

  it("puts with the optimised form, gets with the SDK form, and names a failed condition", async () => {
    booted = await boot();
    const Item = { pk: { S: "k" }, v: { S: "{% $string($states.input.n) %}" } };
    const Key = { pk: { S: "k" } };
    const states = {
      Put: task("dynamodb:putItem", { TableName: "Table", Item }, { End: undefined, Next: "Get" }),
      Get: task("aws-sdk:dynamodb:getItem", { TableName: "Table", Key }, { Output: "{% $states.result.Item.v.S %}" }),
    };
    expect(await booted.run(states, { n: 8 })).toBe("8");
    const again = { TableName: "Table", Item: Key, ConditionExpression: "attribute_not_exists(pk)" };
    const errorOf = async (resource: string) => (await booted.run({ Put: task(resource, again) })) as { error: string };
    expect((await errorOf("aws-sdk:dynamodb:putItem")).error).toBe("DynamoDb.ConditionalCheckFailedException");
    expect((await errorOf("dynamodb:putItem")).error).toBe("DynamoDB.ConditionalCheckFailedException");
  });
});

describe("Lambda", () => {
  const runWith = async (invokeLambda: InvokeLambda) => {
    booted = await boot({ invokeLambda });
    return booted.run({ Try: task("lambda:invoke", { FunctionName: "f", Payload: {} }) });
  };
  const failing = (fields: object) => () => Promise.reject(Object.assign(new Error("no"), fields));

  it.each([
    [{ name: "TooManyRequestsException" }, "Lambda.TooManyRequestsException"],
    [{ name: "ServiceException" }, "Lambda.ServiceException"],
    [{ name: "Error", code: "ECONNREFUSED" }, "Lambda.SdkClientException"],
    [{ name: "Error", code: "ECONNRESET" }, "Lambda.SdkClientException"],
    [{ name: "TimeoutError" }, "Lambda.SdkClientException"],
  ])("names %o %s", async (fields, error) => {
    expect(await runWith(failing(fields))).toMatchObject({ error, cause: "no" });
  });

  it("calls a function error without a type Lambda.Unknown", async () => {
    const result = await runWith(() => Promise.resolve({ functionError: "Unhandled", payload: { odd: 1 } }));
    expect(result).toMatchObject({ error: "Lambda.Unknown", cause: '{"odd":1}' });
  });

  it("invokes through the SDK, and says so when nobody listens", async () => {
    const server = createServer((request, response) => {
      response.setHeader("content-type", "application/json");
      if (request.url?.includes("broken")) response.setHeader("x-amz-function-error", "Unhandled");
      response.end(JSON.stringify(request.url?.includes("broken") ? { errorType: "Odd" } : { url: request.url }));
    });
    const saved = { ...process.env };
    Object.assign(process.env, environment, { AWS_ENDPOINT_URL_LAMBDA: await listen(server) });
    booted = await boot({ invokeLambda: sdkInvokeLambda() });
    const call = (FunctionName: string) => booted.run({ Try: task("lambda:invoke", { FunctionName }) });
    expect(await call("fine")).toMatchObject({
      Payload: { url: "/2015-03-31/functions/fine/invocations" },
      StatusCode: 200,
    });
    expect(await call("broken")).toMatchObject({ error: "Odd" });
    server.closeAllConnections();
    await close(server);
    expect(await call("fine")).toMatchObject({ error: "Lambda.SdkClientException" });
    process.env = saved;
  });
});

describe("ECS", () => {
  it("runs a container with the given runner: exit 0 answers, exit 3 fails the Task", async () => {
    booted = await boot({
      runEcsTask: (parameters, { waitUntilStopped }) => {
        const exitCode = (parameters as { Exit: number }).Exit;
        const tasks = { Tasks: [{ LastStatus: waitUntilStopped ? "STOPPED" : "RUNNING", Exit: exitCode }] };
        if (exitCode !== 0) throw new AslError("States.TaskFailed", JSON.stringify(tasks));
        return Promise.resolve(tasks);
      },
    });
    const Output = "{% $states.result.Tasks[0].LastStatus %}";
    const Catch = [{ ErrorEquals: ["States.TaskFailed"], Output: "failed", Next: "Caught" }];
    const run = (resource: string, Exit: number) =>
      booted.run({ Run: task(resource, { Exit }, { Output, Catch }), Caught: { Type: "Pass", End: true } });
    const results = [await run("ecs:runTask.sync", 0), await run("ecs:runTask", 0), await run("ecs:runTask.sync", 3)];
    expect(results).toEqual(["STOPPED", "RUNNING", "failed"]);
  });
});

describe("nested executions", () => {
  const nested = (suffix: string, StateMachineArn: string, Input: object) =>
    task(`states:startExecution${suffix}`, { StateMachineArn, Input });

  it("starts one and goes on", async () => {
    booted = await boot();
    const child = await booted.create(machine({ Nap: { Type: "Wait", Seconds: 60, End: true } }));
    const result = (await booted.run({ Start: nested("", child, {}) })) as { ExecutionArn: string };
    const described = await booted.engine.operations.describeExecution({ executionArn: result.ExecutionArn });
    expect(described.status).toBe("RUNNING");
  });

  it("waits for one and takes its output, parsed or as text", async () => {
    booted = await boot();
    const child = await booted.create(machine({ A: pass({ x: "{% $states.input.n %}" }) }));
    const output = async (suffix: string) =>
      ((await booted.run({ Start: nested(suffix, child, { n: 5 }) })) as { Output: unknown }).Output;
    expect([await output(".sync:2"), await output(".sync")]).toEqual([{ x: 5 }, '{"x":5}']);
  });

  it("fails with the child's description as the cause", async () => {
    booted = await boot();
    const child = await booted.create(machine({ Stop: { Type: "Fail", Error: "Boom" } }));
    const result = (await booted.run({ Start: nested(".sync:2", child, {}) })) as { error: string; cause: string };
    expect(result.error).toBe("States.TaskFailed");
    expect(JSON.parse(result.cause)).toMatchObject({ Status: "FAILED", Error: "Boom" });
  });

  it("stops the child with its parent", async () => {
    const clock = turnedClock();
    booted = await boot({ clock });
    const child = await booted.create(machine({ Nap: { Type: "Wait", Seconds: 60, End: true } }));
    const parent = await booted.begin({ Start: nested(".sync:2", child, {}) });
    await until(() => clock.sleeping().includes(60_000) || undefined);
    await booted.engine.operations.stopExecution({ executionArn: parent });
    const { executions } = await booted.engine.operations.listExecutions({ stateMachineArn: child });
    expect(outcome(await booted.ended(executions[0]?.executionArn ?? ""))).toMatchObject({ status: "ABORTED" });
  });
});

it("says which resource it cannot call", async () => {
  booted = await boot();
  const result = await booted.run({ Odd: task("glue:startJobRun.sync", {}) });
  expect(result).toMatchObject({
    error: "States.Runtime",
    cause: expect.stringContaining("glue:startJobRun") as string,
  });
});
