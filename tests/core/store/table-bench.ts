/** The embedded cloud's database alone, and tables that break at a chosen write. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openTable, type Table } from "../../../core/store/table.ts";
import { startCloud } from "../../../local/cloud/index.ts";
import { manifest, resourceEnvironment } from "../../../stacks/manifest.ts";

export interface TableBench {
  table: Table;
  close(): Promise<void>;
}

export async function startTableBench(): Promise<TableBench> {
  const dataFolder = mkdtempSync(join(tmpdir(), "talaria-table-"));
  const cloud = await startCloud({ manifest, dataFolder, mode: "in-process", port: 0, environment: {} });
  Object.assign(process.env, cloud.awsEnvironment);
  return {
    table: openTable(String(cloud.awsEnvironment[resourceEnvironment.table]), dynamoDbSdk()),
    async close() {
      await cloud.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

/** A worker that dies at its n-th write (from 1): before it, or after it was done and before the answer. */
export function dyingTable(table: Table, at: number, when: "before" | "after"): Table {
  let writes = 0;
  async function dying<Value>(write: () => Promise<Value>): Promise<Value> {
    writes += 1;
    if (writes < at) return write();
    if (writes === at && when === "after") await write();
    throw new Error("the worker died");
  }
  return {
    ...table,
    put: (...given) => dying(() => table.put(...given)),
    change: (...given) => dying(() => table.change(...given)),
  };
}
