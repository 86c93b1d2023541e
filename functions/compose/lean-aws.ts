import { AwsClient } from "aws4fetch";
import type { Settings } from "../../core/base/settings.ts";
import type { CallDynamoDb, DynamoDbAnswer } from "../../core/store/dynamodb-call.ts";
import type { CallStepFunctions } from "./executions.ts";

/**
 * DynamoDB and Step Functions by signed JSON requests: the ingress makes three of them, and their two SDK clients would
 * be three quarters of its bundle and of its cold start (docs/adr/0006-a-lean-signer-for-the-ingress.md). Everything
 * that is not on that path uses the SDK.
 */
export function leanAws(settings: Settings): { dynamoDb: CallDynamoDb; stepFunctions: CallStepFunctions } {
  const region = settings["AWS_REGION"] ?? "us-east-1";
  const client = new AwsClient({
    accessKeyId: settings["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: settings["AWS_SECRET_ACCESS_KEY"] ?? "",
    ...(settings["AWS_SESSION_TOKEN"] && { sessionToken: settings["AWS_SESSION_TOKEN"] }),
    region,
    // A busy service is asked twice more; after that the platform delivers again.
    retries: 2,
  });

  async function call(service: JsonService, operation: string, input: object): Promise<unknown> {
    const { signedAs, target, endpoint } = services[service];
    const url = settings[endpoint] || `https://${signedAs}.${region}.amazonaws.com`;
    const answer = await client.fetch(`${url.replace(/\/$/, "")}/`, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `${target}.${operation}` },
      body: JSON.stringify(input, bytesAsBase64),
      aws: { service: signedAs },
    });
    const body: unknown = JSON.parse((await answer.text()) || "{}");
    if (answer.ok) return body;
    throw serviceError(answer.status, body as { __type?: string; message?: string; Message?: string });
  }

  return {
    dynamoDb: async (operation, input) => withBytes((await call("dynamoDb", operation, input)) as DynamoDbAnswer),
    stepFunctions: async (operation, input) => (await call("stepFunctions", operation, input)) as object,
  };
}

type JsonService = keyof typeof services;

/** Signing names, target prefixes and endpoint settings, as in the service models of the AWS SDK. */
const services = {
  dynamoDb: { signedAs: "dynamodb", target: "DynamoDB_20120810", endpoint: "AWS_ENDPOINT_URL_DYNAMODB" },
  stepFunctions: { signedAs: "states", target: "AWSStepFunctions", endpoint: "AWS_ENDPOINT_URL_SFN" },
} as const;

/** An error with the service's exception as its name, like the SDK's. */
function serviceError(
  status: number,
  { __type, message, Message }: { __type?: string; message?: string; Message?: string },
) {
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
