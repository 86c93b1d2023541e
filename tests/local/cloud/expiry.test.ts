import { DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { manifest } from "../../../stacks/manifest.ts";
import { clientSettings, cloudFor, eventually, manualClock } from "./support.ts";

const TableName = "talaria-state";

it("removes items whose time is over, and no others", async () => {
  const nowMs = Date.parse("2026-01-01T00:00:00Z");
  const clock = manualClock(nowMs);
  const cloud = await cloudFor({ tables: manifest.tables }, { clock });
  const client = new DynamoDBClient(clientSettings(cloud, "DYNAMODB"));
  const put = (sk: string, expiresAt?: number) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: {
          pk: { S: "a" },
          sk: { S: sk },
          ...(expiresAt !== undefined && { expiresAt: { N: String(expiresAt) } }),
        },
      }),
    );
  await put("expired", nowMs / 1000 - 1);
  await put("later", nowMs / 1000 + 3600);
  await put("never");
  await clock.moveTo(nowMs + 5 * 60_000);
  const left = await eventually("the expired item is gone", async () => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    return Items.length < 3 ? Items.map((item) => item["sk"]?.S) : undefined;
  });
  expect(left).toEqual(["later", "never"]);
});
