import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { describe, expect, it, onTestFinished } from "vitest";
import { startCloud, type Cloud } from "../../../local/cloud/index.ts";
import { machineArn } from "../../../local/cloud/names.ts";
import { manifest } from "../../../stacks/manifest.ts";
import { mountSmallDisk, smallDiskMissing } from "../../support/small-disk.ts";
import { clientSettings, emptyManifest, eventually } from "./support.ts";

const missing = smallDiskMissing();
if (missing !== undefined) console.log(`skipped: the embedded cloud on a full disk, since ${missing}`);

const TableName = "talaria-state";
const Bucket = "talaria-bodies";

/** Its wait begins while there is room and ends when there is none. */
const definition = () => ({
  QueryLanguage: "JSONata",
  StartAt: "Pause",
  States: { Pause: { Type: "Wait", Seconds: 1, End: true } },
});

const setUp = async () => {
  const disk = mountSmallDisk(40);
  const lines: string[] = [];
  let cloud: Cloud | undefined;
  onTestFinished(async () => {
    disk.free();
    await cloud?.close();
    disk.remove();
  });
  const start = async () => {
    await cloud?.close();
    cloud = await startCloud({
      manifest: {
        ...emptyManifest,
        tables: manifest.tables,
        buckets: manifest.buckets,
        machines: { turn: { definition } },
      },
      dataFolder: disk.folder,
      environment: {},
      mode: "in-process",
      port: 0,
      notify: (line) => lines.push(line),
    });
    return cloud;
  };
  return { disk, lines, start };
};

const item = (name: string, size = 10) => ({ pk: { S: "C#1" }, sk: { S: name }, body: { S: "x".repeat(size) } });

describe.skipIf(missing !== undefined)("the embedded cloud on a full disk", () => {
  it("answers writes of the table as the service does when the fault is its own, and goes on when there is room", async () => {
    const { disk, lines, start } = await setUp();
    let dynamodb = new DynamoDBClient(clientSettings(await start(), "DYNAMODB"));
    const put = (name: string, size?: number) =>
      dynamodb.send(new PutItemCommand({ TableName, Item: item(name, size) }));
    const kept: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      await put(`before-${count}`, 20_000);
      kept.push(`before-${count}`);
    }
    disk.fill();
    const refusals = await Promise.allSettled(Array.from({ length: 60 }, (_, count) => put(`full-${count}`, 100_000)));
    refusals.forEach(({ status }, count) => status === "fulfilled" && kept.push(`full-${count}`));
    const reasons = refusals.flatMap((settled) => (settled.status === "rejected" ? [settled.reason as unknown] : []));
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons)
      expect(reason).toMatchObject({ name: "InternalServerError", $metadata: { httpStatusCode: 500 } });
    expect(lines).toEqual([expect.stringMatching(/^The disk of .* is full/)]);

    disk.free();
    await put("after");
    expect(lines.at(-1)).toMatch(/can be written again/);
    dynamodb.destroy();
    dynamodb = new DynamoDBClient(clientSettings(await start(), "DYNAMODB"));
    for (const name of [...kept, "after"]) {
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName, Key: { pk: item(name).pk, sk: { S: name } } }),
      );
      expect(Item?.["sk"]).toEqual({ S: name });
    }
    dynamodb.destroy();
  });

  it("is not started on one, with the reason, and says that it runs where it does", async () => {
    const { disk, start } = await setUp();
    disk.fill();
    await expect(start()).rejects.toMatchObject({ kind: "refused", code: "cloud.disk-full" });
    disk.free();
    await start();
    disk.fill();
    const second = startCloud({
      manifest: emptyManifest,
      dataFolder: disk.folder,
      environment: {},
      mode: "in-process",
      port: 0,
    });
    await expect(second).rejects.toMatchObject({ code: "cloud.folder-in-use" });
  });

  it("answers writes of files in the same way, and can still read them", async () => {
    const { disk, lines, start } = await setUp();
    const s3 = new S3Client({ ...clientSettings(await start(), "S3"), forcePathStyle: true });
    const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(500_000, Key) }));
    await put("before");
    disk.fill();
    await expect(put("full")).rejects.toMatchObject({ name: "InternalError", $metadata: { httpStatusCode: 500 } });
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: "before" }));
    expect((await read.Body?.transformToByteArray())?.length).toBe(500_000);
    expect(lines).toEqual([expect.stringMatching(/^The disk of .* is full/)]);
    disk.free();
    await put("full");
    expect(lines).toHaveLength(2);
    s3.destroy();
  });

  it("leaves a turn where it is, and takes it up when there is room", async () => {
    const { disk, lines, start } = await setUp();
    const sfn = new SFNClient(clientSettings(await start(), "SFN"));
    const begin = (name: string) =>
      sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn("turn"), name, input: "{}" }));
    const { executionArn } = await begin("before");
    disk.fill();
    await expect(begin("full")).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    await eventually("the turn met the full disk", () => lines.length > 0);
    expect((await sfn.send(new DescribeExecutionCommand({ executionArn }))).status).toBe("RUNNING");
    disk.free();
    await eventually("the turn ended", async () => {
      const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return status === "SUCCEEDED";
    });
    await begin("full");
    sfn.destroy();
  });
});
