import { openBlobs } from "../../core/store/blobs.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import type { Aws } from "./aws.ts";
import { stepFunctionsSdk } from "./step-functions-sdk.ts";

/** AWS through its SDK, with its retries: for functions that nobody waits for. */
export const sdkAws = (): Aws => ({ dynamoDb: dynamoDbSdk(), stepFunctions: stepFunctionsSdk(), blobs: openBlobs });
