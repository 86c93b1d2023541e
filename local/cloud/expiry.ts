import type { Clock } from "../../core/base/clock.ts";
import { messageOf } from "../../core/base/errors.ts";
import type { Log } from "../../core/base/log.ts";
import type { TableSpec } from "../../stacks/manifest.ts";
import type { CallDynamoDb } from "./dynamodb.ts";
import { resourceName } from "./names.ts";
import { WireError } from "./wire.ts";

export interface ExpiryOptions {
  url: string;
  tables: Record<string, TableSpec>;
  call: CallDynamoDb;
  clock: Clock;
  log: Log;
}

const firstSweepMs = 5 * 60_000;
const betweenSweepsMs = 24 * 3_600_000;
/** Dynalite reads a megabyte at a time on the thread that also answers people. */
const betweenPagesMs = 200;

/** Removes expired items now and then, since dynalite knows no time to live. Returns how to stop it. */
export function startExpiry(options: ExpiryOptions): () => void {
  const closing = new AbortController();
  void sweepForever(options, closing.signal);
  return () => closing.abort();
}

async function sweepForever(options: ExpiryOptions, signal: AbortSignal): Promise<void> {
  const { tables, clock, log } = options;
  await clock.sleep(firstSweepMs, signal);
  while (!signal.aborted) {
    for (const [name, spec] of Object.entries(tables)) {
      try {
        await sweepTable(resourceName(name), spec, options, signal);
      } catch (error) {
        if (!signal.aborted) log.warn("expiry.failed", { table: name, error: messageOf(error) });
      }
    }
    await clock.sleep(betweenSweepsMs, signal);
  }
}

type Item = Record<string, unknown>;

async function sweepTable(
  TableName: string,
  { keys, expiresAttribute }: TableSpec,
  { url, call, clock }: ExpiryOptions,
  signal: AbortSignal,
): Promise<void> {
  const expired = {
    ExpressionAttributeNames: { "#expires": expiresAttribute },
    ExpressionAttributeValues: { ":now": { N: String(Math.floor(clock.now() / 1000)) } },
  };
  let start: unknown;
  do {
    const page = await call(url, "Scan", {
      TableName,
      FilterExpression: "#expires < :now",
      ...expired,
      ...(start !== undefined && { ExclusiveStartKey: start }),
    });
    for (const item of page["Items"] as Item[]) {
      const Key = { [keys.partition]: item[keys.partition], [keys.sort]: item[keys.sort] };
      await unlessRenewed(
        call(url, "DeleteItem", { TableName, Key, ConditionExpression: "#expires < :now", ...expired }),
      );
    }
    start = page["LastEvaluatedKey"];
    if (start !== undefined) await clock.sleep(betweenPagesMs, signal);
  } while (start !== undefined && !signal.aborted);
}

/** An item may have been written anew since we read it. */
async function unlessRenewed(deleting: Promise<unknown>): Promise<void> {
  try {
    await deleting;
  } catch (error) {
    if (!(error instanceof WireError && error.code === "ConditionalCheckFailedException")) throw error;
  }
}
