import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateScheduleCommand, ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Cloud } from "../../../local/cloud/index.ts";
import { restartManifest } from "./restart-manifest.ts";
import { clientSettings, cloudFor, eventually, functionSpec, temporaryFolder } from "./support.ts";

const TableName = "talaria-state";
const Bucket = "talaria-bodies";
const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:talaria-turn";
const executionArn = "arn:aws:states:us-east-1:000000000000:execution:talaria-turn:one";

type Settings = Pick<Cloud, "awsEnvironment">;

async function writeEverything(cloud: Settings): Promise<void> {
  const Item = { pk: { S: "a" }, sk: { S: "1" }, pendingAt: { S: "now" } };
  await new DynamoDBClient(clientSettings(cloud, "DYNAMODB")).send(new PutItemCommand({ TableName, Item }));
  await new S3Client(clientSettings(cloud, "S3")).send(new PutObjectCommand({ Bucket, Key: "a", Body: "body" }));
  await new SchedulerClient(clientSettings(cloud, "SCHEDULER")).send(
    new CreateScheduleCommand({
      Name: "job",
      ScheduleExpression: "rate(1 day)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Arn: "arn:aws:lambda:us-east-1:000000000000:function:talaria-record",
        RoleArn: "arn:aws:iam::0:role/r",
      },
    }),
  );
}

async function expectEverything(cloud: Settings): Promise<void> {
  const dynamodb = new DynamoDBClient(clientSettings(cloud, "DYNAMODB"));
  const item = await dynamodb.send(new GetItemCommand({ TableName, Key: { pk: { S: "a" }, sk: { S: "1" } } }));
  expect(item.Item?.["pendingAt"]).toEqual({ S: "now" });
  const pending = await dynamodb.send(
    new QueryCommand({
      TableName,
      IndexName: "pending",
      KeyConditionExpression: "pk = :a",
      ExpressionAttributeValues: { ":a": { S: "a" } },
    }),
  );
  expect(pending.Count).toBe(1);
  const object = await new S3Client(clientSettings(cloud, "S3")).send(new GetObjectCommand({ Bucket, Key: "a" }));
  expect(await object.Body?.transformToString()).toBe("body");
  const schedules = await new SchedulerClient(clientSettings(cloud, "SCHEDULER")).send(new ListSchedulesCommand({}));
  expect(schedules.Schedules?.map(({ Name }) => Name)).toEqual(["job"]);
}

/** Starts a cloud in a process of its own and waits until it is ready. */
async function childCloud(dataFolder: string): Promise<{ child: ChildProcess } & Settings> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "child.ts"), dataFolder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, awsEnvironment: JSON.parse(line) as Record<string, string> };
}

describe("the embedded cloud", () => {
  // oxlint-disable-next-line vitest/expect-expect -- expectEverything does
  it("finds everything again after a restart", async () => {
    const dataFolder = temporaryFolder();
    const first = await cloudFor(restartManifest, { dataFolder });
    await writeEverything(first);
    await first.close();
    await expectEverything(await cloudFor(restartManifest, { dataFolder }));
  });

  it("finds everything again after kill -9, and goes on with the executions", async () => {
    const dataFolder = temporaryFolder();
    const marker = join(temporaryFolder(), "marker");
    const killed = await childCloud(dataFolder);
    await writeEverything(killed);
    const start = new StartExecutionCommand({ stateMachineArn, name: "one", input: JSON.stringify({ marker }) });
    await new SFNClient(clientSettings(killed, "SFN")).send(start);
    await eventually("the step runs", () => existsSync(marker));
    killed.child.kill("SIGKILL");
    await once(killed.child, "exit");

    const cloud = await cloudFor(restartManifest, { dataFolder });
    await expectEverything(cloud);
    const sfn = new SFNClient(clientSettings(cloud, "SFN"));
    const execution = await eventually("the execution ends", async () => {
      const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return described.status === "RUNNING" ? undefined : described;
    });
    expect(execution).toMatchObject({ status: "SUCCEEDED", output: `"second time"` });
  });

  it("lets its process end within a second once it is told to close", async () => {
    const cloud = await childCloud(temporaryFolder());
    // The connections of these clients stay open.
    await writeEverything(cloud);
    const startMs = performance.now();
    cloud.child.kill("SIGTERM");
    const [code] = (await once(cloud.child, "exit")) as [number | null];
    expect(code).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(1000);
  });

  it("runs an asynchronous invocation that an earlier process accepted", async () => {
    const dataFolder = temporaryFolder();
    const file = join(temporaryFolder(), "events");
    const environment = { RECORD_FILE: file };
    const first = await cloudFor(restartManifest, { dataFolder, environment });
    await first.close();
    const accepted = JSON.stringify({ name: "record", payload: `{"from":"before"}` });
    writeFileSync(join(dataFolder, "lambda-events", "1-a.json"), accepted);
    writeFileSync(join(dataFolder, "lambda-events", "2-b.json.new"), "half-writ");
    await cloudFor(restartManifest, { dataFolder, environment });
    await eventually("the event arrives", () => existsSync(file));
    await eventually("it is done", () => !existsSync(join(dataFolder, "lambda-events", "1-a.json")));
    expect(existsSync(join(dataFolder, "lambda-events", "2-b.json.new"))).toBe(false);
  });

  it("refuses a second cloud in the same folder", async () => {
    const dataFolder = temporaryFolder();
    await cloudFor(restartManifest, { dataFolder });
    await expect(cloudFor(restartManifest, { dataFolder })).rejects.toMatchObject({ code: "cloud.folder-in-use" });
  });

  it("puts the environment of its process back when it closes", async () => {
    const before = { ...process.env };
    const cloud = await cloudFor(restartManifest, { environment: { TALARIA_MODEL: "practice" } });
    expect(process.env).toMatchObject({ ...cloud.awsEnvironment, TALARIA_MODEL: "practice" });
    await cloud.close();
    expect({ ...process.env }).toEqual(before);
  });
});

describe("a machine's failure", () => {
  it("is told to its function as EventBridge tells it", async () => {
    const file = join(temporaryFolder(), "events");
    const machines = {
      turn: {
        definition: () => ({
          QueryLanguage: "JSONata",
          StartAt: "No",
          States: { No: { Type: "Fail", Error: "Bad", Cause: "why" } },
        }),
        onFailure: "record",
      },
    };
    const functions = { record: functionSpec("record") };
    const cloud = await cloudFor({ functions, machines }, { environment: { RECORD_FILE: file } });
    await cloud.stepFunctions.startExecution({ stateMachineArn, name: "one", input: `{"a":1}` });
    const text = await eventually("the event", () => (existsSync(file) ? readFileSync(file, "utf8") : ""));
    expect(JSON.parse(text)).toMatchObject({
      source: "aws.states",
      "detail-type": "Step Functions Execution Status Change",
      resources: [executionArn],
      detail: {
        executionArn,
        stateMachineArn,
        name: "one",
        status: "FAILED",
        input: `{"a":1}`,
        error: "Bad",
        cause: "why",
      },
    });
  });
});
