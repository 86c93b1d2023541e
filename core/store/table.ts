import { ConditionalCheckFailedException, DynamoDBClient, DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type QueryCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { fatal, messageOf, retryable } from "../base/errors.ts";
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

export interface ListOptions extends Pick<QueryCommandInput, "KeyConditionExpression"> {
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
  const isFinal =
    error instanceof DynamoDBServiceException &&
    !passing.has(error.name) &&
    (error.$metadata.httpStatusCode ?? 500) < 500;
  return isFinal
    ? fatal(`The database refused a request: ${error.name}.`, { cause: error, code: "store.refused" })
    : retryable(`The database did not answer: ${messageOf(error)}`, { cause: error, code: "store.unavailable" });
}

async function unlessCondition<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw asTalariaError(error);
  }
}

export function openTable(name: string, client = new DynamoDBClient()): Table {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

  async function get(key: Key): Promise<Item | undefined> {
    try {
      return (await documents.send(new GetCommand({ TableName: name, Key: key, ConsistentRead: true }))).Item;
    } catch (error) {
      throw asTalariaError(error);
    }
  }

  async function put(key: Key, item: Item, when: PutCondition = { condition: absent }): Promise<boolean> {
    const command = new PutCommand({
      TableName: name,
      Item: { ...item, ...key },
      ConditionExpression: when.condition,
      ExpressionAttributeNames: when.names,
      ExpressionAttributeValues: when.values,
    });
    return (await unlessCondition(documents.send(command))) !== undefined;
  }

  async function change(key: Key, { update, condition, names, values, returning }: Change): Promise<Item | undefined> {
    const command = new UpdateCommand({
      TableName: name,
      Key: key,
      UpdateExpression: update,
      ConditionExpression: condition,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValues: returning ? "ALL_NEW" : "NONE",
    });
    const answer = await unlessCondition(documents.send(command));
    return answer && (answer.Attributes ?? {});
  }

  async function list(options: ListOptions): Promise<Item[]> {
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const query = new QueryCommand({
        TableName: name,
        IndexName: options.index,
        KeyConditionExpression: options.KeyConditionExpression,
        ExpressionAttributeNames: options.names,
        ExpressionAttributeValues: options.values,
        ScanIndexForward: !options.backwards,
        ConsistentRead: !options.eventually,
        Limit: options.limit,
        ExclusiveStartKey: from,
      });
      const page = await documents.send(query).catch((error: unknown) => {
        throw asTalariaError(error);
      });
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from && (options.limit === undefined || items.length < options.limit));
    return options.limit === undefined ? items : items.slice(0, options.limit);
  }

  return { get, put, change, list };
}
