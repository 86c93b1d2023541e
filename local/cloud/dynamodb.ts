import type { IncomingMessage, ServerResponse } from "node:http";
import type { TableSpec } from "../../stacks/manifest.ts";
import type { DiskReport } from "./disk-report.ts";
import { openDynalite, serverError, type OpenDynalite } from "./dynalite-store.ts";
import { repairDynamoDb } from "./dynamodb-repair.ts";
import { resourceName } from "./names.ts";
import { listen, sendJson, serve, WireError, type Handle, type RunningServer } from "./wire.ts";

export interface DynamoDbOptions {
  /** Where LevelDB keeps the tables. */
  folder: string;
  tables: Record<string, TableSpec>;
  /** The store was left by a process that could not close it. */
  wasAbandoned: boolean;
  report: DiskReport;
  /** Wraps what is answered: guard and counters. */
  wrap: (handle: Handle) => Handle;
  /** Sends one operation; the caller knows the credentials that the wrapper asks for. */
  call: CallDynamoDb;
}

/** Sends one operation in the JSON 1.0 protocol and returns the answer; it throws an error named as DynamoDB names it. */
export type CallDynamoDb = (url: string, operation: string, input: object) => Promise<Record<string, unknown>>;

/** Starts dynalite and makes the tables that are missing. Dynalite is loaded here, so that nobody pays for it before. */
export async function startDynamoDb(options: DynamoDbOptions): Promise<RunningServer> {
  const { tables, wrap, call } = options;
  const store = keepOpen(options);
  await store.current();
  const server = serve(wrap((request, response) => store.answer(request, response)));
  const listening = await listen(server, 0);
  const close = async () => {
    await store.settle();
    await listening.close();
    await store.close();
  };
  const running = { ...listening, close };
  try {
    await createTables(running.url, tables, call);
  } catch (error) {
    await running.close();
    throw error;
  }
  return running;
}

/** Work in hand is waited for this long: LevelDB throws where nobody can catch it when it is closed under a write. */
const maxSettleMs = 500;

/**
 * Keeps a working store behind the port. One that failed to write (the disk is full) is opened anew by the next request,
 * with its indexes repaired as after a crash, since the failed write may have come between an item and its indexes. As
 * long as that is not possible, requests are answered as DynamoDB answers when the fault is its own.
 */
function keepOpen({ folder, tables, wasAbandoned, report }: DynamoDbOptions) {
  const inHand = new Set<ServerResponse>();
  let isClosing = false;
  let needsRepair = wasAbandoned;
  let open: OpenDynalite | undefined;
  let opening: Promise<OpenDynalite> | undefined;

  const settle = async (deadlineMs: number) => {
    while (inHand.size > 0 && Date.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  async function reopen(): Promise<OpenDynalite> {
    await settle(Date.now() + maxSettleMs);
    await open?.close();
    open = undefined;
    if (needsRepair) await repairDynamoDb(folder, Object.keys(tables).map(resourceName));
    needsRepair = true;
    const opened = await openDynalite(folder, (error, isWrite) =>
      isWrite ? report.failed("tables", error) : report.unreadable("tables", error),
    );
    report.works("tables");
    return (open = opened);
  }
  const current = async (): Promise<OpenDynalite> => {
    if (open !== undefined && !open.isBroken()) return open;
    return (opening ??= reopen().finally(() => (opening = undefined)));
  };
  return {
    current,
    async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (isClosing) return void response.writeHead(503, { connection: "close" }).end();
      try {
        const { listener } = await current();
        inHand.add(response);
        response.once("close", () => inHand.delete(response));
        listener(request, response);
      } catch (error) {
        report.failed("tables", error);
        sendJson(response, 500, serverError(error), { connection: "close" });
      }
    },
    /** Takes no more requests and waits for those in hand. */
    settle: () => {
      isClosing = true;
      return settle(Date.now() + maxSettleMs);
    },
    close: async () => open?.close(),
  };
}

async function createTables(url: string, tables: Record<string, TableSpec>, call: CallDynamoDb): Promise<void> {
  for (const [name, spec] of Object.entries(tables)) {
    if (await tableExists(url, resourceName(name), call)) continue;
    await call(url, "CreateTable", tableDefinition(resourceName(name), spec));
    await untilActive(url, resourceName(name), call);
  }
}

/** Not by ListTables: dynalite reads every key of the store for it. */
async function tableExists(url: string, tableName: string, call: CallDynamoDb): Promise<boolean> {
  try {
    await call(url, "DescribeTable", { TableName: tableName });
    return true;
  } catch (error) {
    if (error instanceof WireError && error.code === "ResourceNotFoundException") return false;
    throw error;
  }
}

/** Dynalite turns a table active in the background, even when told to take no time. */
async function untilActive(url: string, tableName: string, call: CallDynamoDb): Promise<void> {
  for (;;) {
    const { Table } = await call(url, "DescribeTable", { TableName: tableName });
    if ((Table as { TableStatus: string }).TableStatus === "ACTIVE") return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const keySchema = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: "HASH" },
  { AttributeName: sort, KeyType: "RANGE" },
];

const projection = { ProjectionType: "ALL" };

/** The CreateTable input of a table of the manifest; the deployment makes the same from the same data. */
export function tableDefinition(tableName: string, { keys, localIndexes, globalIndexes }: TableSpec): object {
  const local = Object.entries(localIndexes);
  const global = Object.entries(globalIndexes);
  const attributes = new Set([
    keys.partition,
    keys.sort,
    ...local.map(([, index]) => index.sort),
    ...global.flatMap(([, index]) => [index.partition, index.sort]),
  ]);
  return {
    TableName: tableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [...attributes].map((name) => ({ AttributeName: name, AttributeType: "S" })),
    KeySchema: keySchema(keys.partition, keys.sort),
    ...(local.length > 0 && {
      LocalSecondaryIndexes: local.map(([name, index]) => ({
        IndexName: name,
        KeySchema: keySchema(keys.partition, index.sort),
        Projection: projection,
      })),
    }),
    ...(global.length > 0 && {
      GlobalSecondaryIndexes: global.map(([name, index]) => ({
        IndexName: name,
        KeySchema: keySchema(index.partition, index.sort),
        Projection: projection,
      })),
    }),
  };
}
