/** What dynalite would do again for each request, or leave behind, without what we put around its store. */
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import database from "dynalite/db/index.js";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { openDynalite } from "../../../local/cloud/dynalite-store.ts";
import { tableDefinition } from "../../../local/cloud/dynamodb.ts";
import { listen, serve } from "../../../local/cloud/wire.ts";
import { manifest } from "../../../stacks/manifest.ts";
import { eventually, temporaryFolder } from "./support.ts";

const TableName = "some-table";
const key = (sk: number) => ({ pk: { S: "p" }, sk: { S: `${sk}` } });

/** Ours is put around dynalite's store when the first one is opened; what counts has to be put around that. */
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "talaria-store-"));
  await (await openDynalite(folder, () => {})).close();
  rmSync(folder, { recursive: true });
});

/** A store with a table, and how often things happened in its LevelDB. */
async function setUp() {
  const counts = { open: 0, tableReads: 0 };
  const { create } = database;
  onTestFinished(() => void (database.create = create));
  database.create = (options) => {
    const store = create(options);
    const { db } = store;
    const { attachResource, detachResource, get } = db;
    db.attachResource = (resource) => (counts.open++, attachResource.call(db, resource));
    db.detachResource = (resource) => (counts.open--, detachResource.call(db, resource));
    db.get = (...parameters) => {
      if (String(parameters[0]).startsWith("table~")) counts.tableReads++;
      return get(...parameters);
    };
    return store;
  };
  const { listener, close } = await openDynalite(temporaryFolder(), () => {});
  const server = await listen(serve(listener), 0);
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = new DynamoDBClient({ endpoint: server.url, region: "us-east-1", credentials });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
    await close();
  });
  await client.send(new CreateTableCommand(tableDefinition(TableName, manifest.tables.state) as never));
  const put = (sk: number) => client.send(new PutItemCommand({ TableName, Item: key(sk) }));
  await eventually("the table is active", () =>
    put(0).then(
      () => true,
      () => false,
    ),
  );
  const query = (Limit: number) =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "p" } },
        Limit,
      }),
    );
  return { counts, client, put, query };
}

it("leaves no iterator open, of a query that saw all or one that stopped before", async () => {
  const { counts, put, query } = await setUp();
  for (let sk = 0; sk < 40; sk++) await put(sk);
  for (const limit of [3, 1, 100]) expect((await query(limit)).Items).toHaveLength(Math.min(limit, 40));
  await eventually("all iterators are closed", () => counts.open === 0);
});

it("reads the definition of a table once, and anew when the table has changed", async () => {
  const { counts, client, put, query } = await setUp();
  const before = counts.tableReads;
  await put(1);
  await query(1);
  expect(counts.tableReads).toBe(before);
  await client.send(new DeleteTableCommand({ TableName }));
  await eventually("the table is gone", () =>
    put(2).then(
      () => false,
      (error: Error) => error.name === "ResourceNotFoundException",
    ),
  );
});
