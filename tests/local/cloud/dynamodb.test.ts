import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { difference } from "../../../local/cloud/counters.ts";
import { startCloud, type Cloud } from "../../../local/cloud/index.ts";
import { manifest } from "../../../stacks/manifest.ts";
import { clientSettings, emptyManifest } from "./support.ts";

const TableName = "talaria-state";
const folder = mkdtempSync(join(tmpdir(), "talaria-dynamodb-"));
let cloud: Cloud;
let client: DynamoDBClient;

beforeAll(async () => {
  cloud = await startCloud({
    manifest: { ...emptyManifest, tables: manifest.tables },
    dataFolder: folder,
    environment: {},
    mode: "in-process",
    port: 0,
  });
  client = new DynamoDBClient(clientSettings(cloud, "DYNAMODB"));
});

afterAll(async () => {
  client.destroy();
  await cloud.close();
  rmSync(folder, { recursive: true });
});

const key = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });
const put = (pk: string, sk: string, more: Record<string, AttributeValue> = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { ...key(pk, sk), ...more } }));
const query = (input: Partial<QueryCommandInput>) => client.send(new QueryCommand({ TableName, ...input }));
const sortKeys = (items: Array<Record<string, AttributeValue>> | undefined) => items?.map((item) => item["sk"]?.S);

describe("the table of the manifest", () => {
  it("keeps every type of value", async () => {
    const item = {
      ...key("types", "1"),
      n: { N: "1.5" },
      b: { B: new Uint8Array([1, 0, 255]) },
      l: { L: [{ N: "1" }, { M: { z: { NULL: true } } }] },
      s: { SS: ["x", "y"] },
      t: { BOOL: true },
      e: { S: "" },
    };
    await client.send(new PutItemCommand({ TableName, Item: item }));
    const read = await client.send(new GetItemCommand({ TableName, Key: key("types", "1"), ConsistentRead: true }));
    expect(read.Item).toEqual(item);
  });

  it("puts an item once when it must be absent", async () => {
    const once = (value: string) =>
      client.send(
        new PutItemCommand({
          TableName,
          Item: { ...key("once", "1"), value: { S: value } },
          ConditionExpression: "attribute_not_exists(pk)",
        }),
      );
    await once("first");
    await expect(once("second")).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: key("once", "1") }));
    expect(Item?.["value"]).toEqual({ S: "first" });
  });

  it("updates under a condition on another attribute", async () => {
    await put("fence", "META", { fence: { N: "3" }, holder: { S: "a" } });
    const take = (fence: string) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: key("fence", "META"),
          UpdateExpression: "SET holder = :me, fence = fence + :one REMOVE #until ADD turns :one",
          ConditionExpression: "fence = :fence",
          ExpressionAttributeNames: { "#until": "until" },
          ExpressionAttributeValues: { ":me": { S: "b" }, ":one": { N: "1" }, ":fence": { N: fence } },
          ReturnValues: "ALL_NEW",
        }),
      );
    const taken = await take("3");
    expect(taken.Attributes).toMatchObject({ fence: { N: "4" }, holder: { S: "b" }, turns: { N: "1" } });
    await expect(take("3")).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  });

  it("lets exactly one of twenty contenders win", async () => {
    const attempts = Array.from({ length: 20 }, (_, contender) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: key("lock", "1"),
          UpdateExpression: "SET holder = :me",
          ConditionExpression: "attribute_not_exists(holder)",
          ExpressionAttributeValues: { ":me": { N: String(contender) } },
        }),
      ),
    );
    const settled = await Promise.allSettled(attempts);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("reads the local index consistently and in its order, and forgets an item that left it", async () => {
    await put("inbox", "IN#b", { pendingAt: { S: "1" } });
    await put("inbox", "IN#a", { pendingAt: { S: "2" } });
    await put("inbox", "META");
    const pending = () =>
      query({
        IndexName: "pending",
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "inbox" } },
      });
    expect(sortKeys((await pending()).Items)).toEqual(["IN#b", "IN#a"]);
    await client.send(
      new UpdateItemCommand({ TableName, Key: key("inbox", "IN#b"), UpdateExpression: "REMOVE pendingAt" }),
    );
    expect(sortKeys((await pending()).Items)).toEqual(["IN#a"]);
  });

  it("reads the global index page by page, newest first", async () => {
    for (const at of ["1", "2", "3"]) await put(`session-${at}`, "META", { listing: { S: "p" }, listedAt: { S: at } });
    const page = (start?: Record<string, AttributeValue>) =>
      query({
        IndexName: "listing",
        KeyConditionExpression: "listing = :p",
        ExpressionAttributeValues: { ":p": { S: "p" } },
        ScanIndexForward: false,
        Limit: 2,
        ExclusiveStartKey: start,
      });
    const first = await page();
    expect(first.Items?.map((item) => item["pk"]?.S)).toEqual(["session-3", "session-2"]);
    const second = await page(first.LastEvaluatedKey);
    expect(second.Items?.map((item) => item["pk"]?.S)).toEqual(["session-1"]);
  });

  it("refuses a consistent read of the global index, as DynamoDB does", async () => {
    const reading = query({
      IndexName: "listing",
      ConsistentRead: true,
      KeyConditionExpression: "listing = :p",
      ExpressionAttributeValues: { ":p": { S: "p" } },
    });
    await expect(reading).rejects.toThrow(/Consistent reads are not supported/);
  });

  it("ends a page at a megabyte", async () => {
    const body = { S: "x".repeat(100_000) };
    for (let n = 0; n < 15; n += 1) await put("pages", `ST#${String(n).padStart(4, "0")}`, { body });
    const input = { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: "pages" } } };
    const first = await query(input);
    expect(first.Items?.length).toBeLessThan(15);
    const rest = await query({ ...input, ExclusiveStartKey: first.LastEvaluatedKey });
    expect((first.Items?.length ?? 0) + (rest.Items?.length ?? 0)).toBe(15);
  });

  it("selects by the beginning of the sort key and by a range", async () => {
    for (const sk of ["ST#1", "ST#2", "ST#3", "TU#1"]) await put("range", sk);
    const steps = await query({
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :st)",
      ExpressionAttributeValues: { ":pk": { S: "range" }, ":st": { S: "ST#" } },
    });
    expect(sortKeys(steps.Items)).toEqual(["ST#1", "ST#2", "ST#3"]);
    const between = await query({
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :a AND :b",
      ExpressionAttributeValues: { ":pk": { S: "range" }, ":a": { S: "ST#2" }, ":b": { S: "ST#3" } },
    });
    expect(sortKeys(between.Items)).toEqual(["ST#2", "ST#3"]);
  });

  it("refuses an item over 400 KB", async () => {
    await expect(put("big", "1", { body: { S: "x".repeat(410 * 1024) } })).rejects.toThrow(/Item size/);
  });

  it("deletes under a condition and in batches", async () => {
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: ["1", "2"].map((sk) => ({ PutRequest: { Item: key("batch", sk) } })) },
      }),
    );
    const guarded = new DeleteItemCommand({
      TableName,
      Key: key("batch", "1"),
      ConditionExpression: "attribute_exists(nowhere)",
    });
    await expect(client.send(guarded)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    const removed = await client.send(
      new DeleteItemCommand({ TableName, Key: key("batch", "2"), ReturnValues: "ALL_OLD" }),
    );
    expect(removed.Attributes).toEqual(key("batch", "2"));
  });

  it("counts calls and the bytes that were sent", async () => {
    const before = cloud.counters.snapshot();
    await put("counted", "1", { body: { S: "x".repeat(1000) } });
    const { calls, requestBytes } = difference(cloud.counters.snapshot(), before);
    expect(calls).toEqual({ "dynamodb.PutItem": 1 });
    expect(requestBytes["dynamodb.PutItem"]).toBeGreaterThan(1000);
    expect(requestBytes["dynamodb.PutItem"]).toBeLessThan(1200);
  });
});
