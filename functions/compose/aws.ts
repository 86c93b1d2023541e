import type { Blobs } from "../../core/store/bodies.ts";
import type { CallDynamoDb } from "../../core/store/dynamodb-call.ts";
import type { CallStepFunctions } from "./executions.ts";

/** Where bodies are kept, and removed again. */
export interface RemovableBlobs extends Blobs {
  /** Removing what is not there is no error. */
  remove(key: string): Promise<void>;
}

/**
 * The calls of AWS that functions make: through the SDK (sdk-aws.ts), or, where people wait for a cold start, signed by
 * ourselves (lean-aws.ts, docs/adr/0006-a-lean-signer-for-the-ingress.md).
 */
export interface Aws {
  dynamoDb: CallDynamoDb;
  stepFunctions: CallStepFunctions;
  blobs(bucket: string): RemovableBlobs;
}
