import { AwsClient } from "aws4fetch";
import type { Settings } from "../../core/base/settings.ts";

/** Where the function runs. */
export const regionOf = (settings: Settings): string => settings["AWS_REGION"] ?? "us-east-1";

/**
 * Signs requests with the function's own credentials, without the SDK
 * (docs/adr/0006-a-lean-signer-for-the-ingress.md). `retries` are those after a failure of the service's own.
 */
export const awsSigner = (settings: Settings, options: { service?: string; retries?: number }): AwsClient =>
  new AwsClient({
    accessKeyId: settings["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: settings["AWS_SECRET_ACCESS_KEY"] ?? "",
    ...(settings["AWS_SESSION_TOKEN"] && { sessionToken: settings["AWS_SESSION_TOKEN"] }),
    region: regionOf(settings),
    ...options,
  });
