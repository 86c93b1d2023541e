import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** An item as it travels: every value under its type. */
export type WireItem = Record<string, AttributeValue>;

/** What the operations that we use may answer; each fills its own part. */
export interface DynamoDbAnswer {
  Item?: WireItem | undefined;
  Attributes?: WireItem | undefined;
  Items?: WireItem[] | undefined;
  LastEvaluatedKey?: WireItem | undefined;
}

export type DynamoDbOperation = "GetItem" | "PutItem" | "UpdateItem" | "Query";

/**
 * One call of DynamoDB, in the words of its API reference. An error has the service's exception as its name, and the
 * HTTP status in `$metadata.httpStatusCode` when there was an answer. Through the SDK (dynamodb-sdk.ts), or through a
 * lean signer where every millisecond of a cold start counts (functions/compose/lean-aws.ts).
 */
export type CallDynamoDb = (
  operation: DynamoDbOperation,
  input: Record<string, unknown>,
) => Promise<DynamoDbAnswer | undefined>;
