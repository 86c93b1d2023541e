/** `arn:aws:states:::aws-sdk:<service>:<operation>`, and the few services whose optimised form is the plain call. */
import * as z from "zod";
import { messageOf } from "../../../core/base/errors.ts";
import type { Json } from "../../../core/base/json.ts";
import { AslError, runtimeError } from "../errors.ts";
import type { Integration } from "./integration.ts";

const pattern = /^arn:aws:states:::(aws-sdk:)?([a-z0-9]+):([A-Za-z0-9]+)$/;

/** Error prefixes of the optimised forms. Source: Step Functions developer guide, pages of the single integrations. */
const optimisedPrefixes: Readonly<Record<string, string>> = {
  dynamodb: "DynamoDB",
  sqs: "SQS",
  sns: "SNS",
  ecs: "ECS",
  events: "EventBridge",
};

/** Where the error prefix of an aws-sdk call is not the service's name with a capital. */
const sdkPrefixes: Readonly<Record<string, string>> = { dynamodb: "DynamoDb", cloudwatchlogs: "CloudWatchLogs" };

/** The package of a service, where it is not `@aws-sdk/client-<service>`. */
const packageNames: Readonly<Record<string, string>> = { events: "eventbridge", cloudwatchlogs: "cloudwatch-logs" };

/** Step Functions writes every member with a capital; these services' own APIs do not. */
const camelCaseServices = new Set(["sfn", "ecs", "batch", "cloudwatchlogs"]);

/** What is used of a module of the SDK. */
const sdkClient = z.custom<new (options: object) => { send(command: object, options: object): Promise<object> }>(
  (value) => typeof value === "function",
);
const sdkCommand = z.custom<new (input: unknown) => object>((value) => typeof value === "function");

interface SdkService {
  client: { send(command: object, options: object): Promise<object> };
  module: Record<string, unknown>;
}

/** @param aws the environment that says where services are and with which key; absent: this process's own */
export function sdkIntegration(aws?: () => Record<string, string>): Integration {
  const services = new Map<string, Promise<SdkService>>();
  const serviceOf = (name: string) => {
    const service = services.get(name) ?? connect(name, aws ? clientOptions(name, aws()) : {});
    services.set(name, service);
    return service;
  };
  return {
    handles: (resource) => {
      const [, sdk, service] = pattern.exec(resource) ?? [];
      return service !== undefined && (sdk !== undefined || service in optimisedPrefixes);
    },
    call: async ({ resource, arguments: values, signal }) => {
      const [, sdk, name = "", operation = ""] = pattern.exec(resource) ?? [];
      const { client, module } = await serviceOf(name);
      const command = sdkCommand.safeParse(module[`${capital(operation)}Command`]);
      if (!command.success) throw runtimeError(`The service '${name}' has no operation '${operation}'.`);
      const input = camelCaseServices.has(name) ? mapKeys(values, small) : values;
      const output = await client.send(new command.data(input), { abortSignal: signal }).catch((error: unknown) => {
        throw serviceError(sdk === undefined ? optimisedPrefixes[name] : sdkPrefixes[name], name, error);
      });
      const result = resultOf(output);
      return camelCaseServices.has(name) ? mapKeys(result, capital) : result;
    },
  };
}

const clientOptions = (service: string, aws: Record<string, string>): object => ({
  endpoint: aws[`AWS_ENDPOINT_URL_${service.toUpperCase()}`],
  region: aws["AWS_REGION"],
  credentials: {
    accessKeyId: aws["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: aws["AWS_SECRET_ACCESS_KEY"] ?? "",
  },
});

async function connect(service: string, options: object): Promise<SdkService> {
  const packageName = `@aws-sdk/client-${packageNames[service] ?? service}`;
  const module = (await import(packageName).catch(() => {
    throw runtimeError(`The embedded Step Functions needs the package ${packageName} for '${service}'.`);
  })) as Record<string, unknown>;
  const name = Object.keys(module).find((key) => /^[A-Z].*Client$/.test(key)) ?? "";
  return { client: new (sdkClient.parse(module[name]))(options), module };
}

function serviceError(prefix: string | undefined, service: string, error: unknown): AslError {
  const name = error instanceof Error ? error.name : "SdkClientException";
  return new AslError(`${prefix ?? capital(service)}.${name}`, messageOf(error));
}

function resultOf(output: object): Json {
  const { $metadata: _, ...result } = output as { $metadata?: unknown };
  return JSON.parse(JSON.stringify(result)) as Json;
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const small = (word: string) => word.charAt(0).toLowerCase() + word.slice(1);

function mapKeys(value: Json, rename: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => mapKeys(item, rename));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [rename(key), mapKeys(inner, rename)]));
}
