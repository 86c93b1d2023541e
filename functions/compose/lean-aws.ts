import type { Settings } from "../../core/base/settings.ts";
import { systemClock } from "../../core/base/clock.ts";
import type { DynamoDbAnswer } from "../../core/store/dynamodb-call.ts";
import type { Aws } from "./aws.ts";
import { leanBlobs } from "./lean-s3.ts";
import { awsSigner, busyRetries, regionOf } from "./signer.ts";

/**
 * DynamoDB, Step Functions and S3 by signed requests: their SDK clients would be three quarters of the ingress's bundle
 * and more than a third of a step's, and people wait for the cold start of both
 * (docs/adr/0006-a-lean-signer-for-the-ingress.md). What nobody waits for uses the SDK.
 */
export function leanAws(settings: Settings): Aws {
  const region = regionOf(settings);
  const signers = {
    dynamoDb: awsSigner(settings, services.dynamoDb.signedAs),
    stepFunctions: awsSigner(settings, services.stepFunctions.signedAs),
  };

  async function call(service: JsonService, operation: string, input: object): Promise<unknown> {
    const { signedAs, target, endpoint } = services[service];
    const url = settings[endpoint] || `https://${signedAs}.${region}.amazonaws.com`;
    const request = {
      method: "POST" as const,
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `${target}.${operation}` },
      body: JSON.stringify(input, bytesAsBase64),
    };
    for (let waitMs = firstWaitMs; ; waitMs *= 2) {
      const answer = await signers[service].send(`${url.replace(/\/$/, "")}/`, request, busyRetries);
      const body = JSON.parse(answer.body.toString() || "{}") as ErrorBody;
      if (answer.ok) return body;
      const error = serviceError(answer.status, body);
      if (!throttled.has(error.name) || waitMs > lastWaitMs) throw error;
      await systemClock.sleep(waitMs * (0.5 + Math.random()));
    }
  }

  return {
    dynamoDb: async (operation, input) => withBytes((await call("dynamoDb", operation, input)) as DynamoDbAnswer),
    stepFunctions: async (operation, input) => (await call("stepFunctions", operation, input)) as object,
    blobs: (bucket) => leanBlobs(awsSigner(settings, "s3"), settings, bucket),
  };
}

interface ErrorBody {
  __type?: string;
  message?: string;
  Message?: string;
}

/** Busy, in the words of the two services: asked again after about 50, 100 and 200 ms, as the SDK does. */
const throttled = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
]);
const firstWaitMs = 50;
const lastWaitMs = 200;

type JsonService = keyof typeof services;

/** Signing names, target prefixes and endpoint settings, as in the service models of the AWS SDK. */
const services = {
  dynamoDb: { signedAs: "dynamodb", target: "DynamoDB_20120810", endpoint: "AWS_ENDPOINT_URL_DYNAMODB" },
  stepFunctions: { signedAs: "states", target: "AWSStepFunctions", endpoint: "AWS_ENDPOINT_URL_SFN" },
} as const;

/** An error with the service's exception as its name, like the SDK's. */
function serviceError(status: number, { __type, message, Message }: ErrorBody) {
  const error = new Error(message ?? Message ?? `HTTP ${status}`);
  error.name = __type?.split("#").at(-1) ?? "UnknownError";
  return Object.assign(error, { $metadata: { httpStatusCode: status } });
}

/** JSON has no bytes: they travel as base64. `this` is the holder, since a Buffer has turned itself into an object by now. */
function bytesAsBase64(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Uint8Array ? Buffer.from(original).toString("base64") : value;
}

/** Binary attributes back to bytes. None of ours is nested. */
function withBytes(answer: DynamoDbAnswer): DynamoDbAnswer {
  for (const item of [answer.Item, answer.Attributes, ...(answer.Items ?? [])])
    for (const [name, value] of Object.entries(item ?? {}))
      if (item && value.B !== undefined) item[name] = { B: Buffer.from(String(value.B), "base64") };
  return answer;
}
