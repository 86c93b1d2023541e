import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startCloud } from "../../../local/cloud/index.ts";
import { manifest } from "../../../stacks/manifest.ts";
import { clientSettings, emptyManifest, temporaryFolder } from "./support.ts";

it("says once that its tables cannot be read, where a file of theirs is damaged", async () => {
  const dataFolder = temporaryFolder();
  const lines: string[] = [];
  const notify = (line: string) => lines.push(line);
  const cloudManifest = { ...emptyManifest, tables: manifest.tables };
  const start = () =>
    startCloud({ manifest: cloudManifest, dataFolder, environment: {}, mode: "in-process", port: 0, notify });
  const cloud = await start();
  const client = new DynamoDBClient(clientSettings(cloud, "DYNAMODB"));
  await client.send(new PutItemCommand({ TableName: "talaria-state", Item: { pk: { S: "a" }, sk: { S: "b" } } }));
  client.destroy();
  await cloud.close();
  // Opened once more, LevelDB moves what it has from its log to a file for reading.
  await (await start()).close();
  const folder = join(dataFolder, "dynamodb");
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".ldb"))) {
    const file = join(folder, name);
    writeFileSync(file, Buffer.alloc(statSync(file).size));
  }
  await expect(start()).rejects.toThrow("magic");
  expect(lines).toEqual([expect.stringMatching(/^Something in .* cannot be read \(.+\)\. What needs it fails/)]);
});
