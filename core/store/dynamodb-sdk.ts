import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type GetItemCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { CallDynamoDb } from "./dynamodb-call.ts";

/** DynamoDB through the AWS SDK, with its retries. */
export function dynamoDbSdk(client = new DynamoDBClient()): CallDynamoDb {
  return async (operation, input) => {
    switch (operation) {
      case "GetItem":
        return client.send(new GetItemCommand(input as unknown as GetItemCommandInput));
      case "PutItem":
        return client.send(new PutItemCommand(input as unknown as PutItemCommandInput));
      case "UpdateItem":
        return client.send(new UpdateItemCommand(input as unknown as UpdateItemCommandInput));
      case "Query":
        return client.send(new QueryCommand(input as unknown as QueryCommandInput));
    }
  };
}
