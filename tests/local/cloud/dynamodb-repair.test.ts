import { DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite/db/index.js";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { Cloud } from "../../../local/cloud/index.ts";
import { manifest } from "../../../stacks/manifest.ts";
import { clientSettings, cloudFor, temporaryFolder } from "./support.ts";

const TableName = "talaria-state";
const itemOf = (sk: string) => ({ pk: { S: "inbox" }, sk: { S: sk }, pendingAt: { S: sk } });

async function pendingIn(cloud: Cloud): Promise<Array<string | undefined> | undefined> {
  const query = new QueryCommand({
    TableName,
    IndexName: "pending",
    ConsistentRead: true,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": { S: "inbox" } },
  });
  const { Items } = await new DynamoDBClient(clientSettings(cloud, "DYNAMODB")).send(query);
  return Items?.map((item) => item["sk"]?.S);
}

/** Leaves the local index as a kill in the middle of two writes would: one entry too few, one too many. */
async function tearIndex(folder: string): Promise<void> {
  const store = dynalite.create({ path: folder });
  const read = promisify(store.tableDb.get.bind(store.tableDb)) as (key: string) => Promise<never>;
  const table = await read(TableName);
  const entries = store.getIndexDb("Local", TableName, "pending");
  const keyOf = (sk: string) => {
    const [entry] = dynalite.getIndexActions(table["LocalSecondaryIndexes"], undefined, itemOf(sk), table).puts;
    return entry?.key ?? "";
  };
  await promisify(entries.del.bind(entries))(keyOf("hidden"));
  await promisify(entries.put.bind(entries))(keyOf("phantom"), itemOf("phantom"));
  await store.db.close();
}

it("repairs indexes that a killed process left torn", async () => {
  const dataFolder = temporaryFolder();
  const first = await cloudFor({ tables: manifest.tables }, { dataFolder });
  const client = new DynamoDBClient(clientSettings(first, "DYNAMODB"));
  for (const sk of ["hidden", "kept"]) await client.send(new PutItemCommand({ TableName, Item: itemOf(sk) }));
  await first.close();

  await tearIndex(join(dataFolder, "dynamodb"));
  const torn = await cloudFor({ tables: manifest.tables }, { dataFolder });
  expect(await pendingIn(torn)).toEqual(["kept", "phantom"]);
  await torn.close();

  writeFileSync(join(dataFolder, "lock.json"), JSON.stringify({ pid: 2 ** 22 + 1 }));
  const repaired = await cloudFor({ tables: manifest.tables }, { dataFolder });
  expect(await pendingIn(repaired)).toEqual(["hidden", "kept"]);
});
