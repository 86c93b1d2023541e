import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { fatal, messageOf, retryable } from "../base/errors.ts";
import type { CallDynamoDb, WireItem } from "./dynamodb-call.ts";
import type { Key } from "./keys.ts";

export type Item = Record<string, unknown>;

export interface Change {
  /** An update expression; `#name` and `:value` placeholders are looked up in `names` and `values`. */
  update: string;
  condition?: string;
  names?: Record<string, string>;
  values?: Item;
  /** Ask for the whole item as it is afterwards. */
  returning?: true;
}

export interface PutCondition {
  condition: string;
  names?: Record<string, string>;
  values?: Item;
}

export interface ListOptions {
  /** A key condition expression. */
  where: string;
  index?: string;
  values: Item;
  names?: Record<string, string>;
  /** Newest first. */
  backwards?: boolean;
  /** At most this many items; absent means all pages. */
  limit?: number;
  /** The global index cannot be read consistently. */
  eventually?: boolean;
}

/** The few calls that Talaria makes of DynamoDB: single items, conditional writes, no transactions. */
export interface Table {
  get(key: Key): Promise<Item | undefined>;
  /** False when the condition did not hold; without one, when an item with this key is there already. */
  put(key: Key, item: Item, condition?: PutCondition): Promise<boolean>;
  /** `undefined` when the condition did not hold; else the item after the change if `returning`, else an empty one. */
  change(key: Key, change: Change): Promise<Item | undefined>;
  list(options: ListOptions): Promise<Item[]>;
}

/** Nothing has this key yet. */
export const absent = "attribute_not_exists(pk)";

const passing = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "InternalServerError",
  "TransactionConflictException",
]);

/** What DynamoDB refused for good is a defect or a broken deployment; all else may pass. */
function asTalariaError(error: unknown): Error {
  const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
  const isFinal = ($metadata?.httpStatusCode ?? 500) < 500 && !passing.has(name);
  return isFinal
    ? fatal(`The database refused a request: ${name}.`, { cause: error, code: "store.refused" })
    : retryable(`The database did not answer: ${messageOf(error)}`, { cause: error, code: "store.unavailable" });
}

const isUnmetCondition = (error: unknown) => error instanceof Error && error.name === "ConditionalCheckFailedException";

const toWire = (item: Item): WireItem => marshall(item, { removeUndefinedValues: true });

/** Expression values in wire form; DynamoDB refuses an empty map. */
const valuesOf = (values: Item | undefined) => (values ? { ExpressionAttributeValues: toWire(values) } : {});
const namesOf = (names: Record<string, string> | undefined) => (names ? { ExpressionAttributeNames: names } : {});

export function openTable(name: string, call: CallDynamoDb): Table {
  /** `undefined` when the condition of a write did not hold. */
  const attempt: CallDynamoDb = async (operation, input) => {
    try {
      return await call(operation, { TableName: name, ...input });
    } catch (error) {
      if (isUnmetCondition(error)) return undefined;
      throw asTalariaError(error);
    }
  };

  async function get(key: Key): Promise<Item | undefined> {
    const answer = await attempt("GetItem", { Key: toWire({ ...key }), ConsistentRead: true });
    return answer?.Item && unmarshall(answer.Item);
  }

  async function put(key: Key, item: Item, when: PutCondition = { condition: absent }): Promise<boolean> {
    const answer = await attempt("PutItem", {
      Item: toWire({ ...item, ...key }),
      ConditionExpression: when.condition,
      ...namesOf(when.names),
      ...valuesOf(when.values),
    });
    return answer !== undefined;
  }

  async function change(key: Key, { update, condition, names, values, returning }: Change): Promise<Item | undefined> {
    const answer = await attempt("UpdateItem", {
      Key: toWire({ ...key }),
      UpdateExpression: update,
      ...(condition && { ConditionExpression: condition }),
      ...namesOf(names),
      ...valuesOf(values),
      ReturnValues: returning ? "ALL_NEW" : "NONE",
    });
    return answer && unmarshall(answer.Attributes ?? {});
  }

  async function list({ where, index, names, values, backwards, limit, eventually }: ListOptions): Promise<Item[]> {
    const items: Item[] = [];
    let from: WireItem | undefined;
    do {
      const page = await attempt("Query", {
        KeyConditionExpression: where,
        ...(index && { IndexName: index }),
        ...namesOf(names),
        ...valuesOf(values),
        ScanIndexForward: !backwards,
        ConsistentRead: !eventually,
        ...(limit !== undefined && { Limit: limit }),
        ...(from && { ExclusiveStartKey: from }),
      });
      items.push(...(page?.Items ?? []).map((item) => unmarshall(item)));
      from = page?.LastEvaluatedKey;
    } while (from && items.length < (limit ?? Infinity));
    return items.slice(0, limit);
  }

  return { get, put, change, list };
}
