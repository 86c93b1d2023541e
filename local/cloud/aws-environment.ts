import { resourceEnvironment, type Manifest } from "../../stacks/manifest.ts";
import { region, resourceVariables } from "./names.ts";
import type { ServiceName } from "./wire-services.ts";

/** What lets unchanged SDK clients, and Talaria's functions, find this cloud. */
export const awsEnvironment = (
  urls: Record<ServiceName, string>,
  accessKeyId: string,
  manifest: Manifest,
  front: string,
): Record<string, string> => ({
  AWS_ENDPOINT_URL_DYNAMODB: urls.dynamodb,
  AWS_ENDPOINT_URL_S3: urls.s3,
  AWS_ENDPOINT_URL_SFN: urls.sfn,
  AWS_ENDPOINT_URL_LAMBDA: urls.lambda,
  AWS_ENDPOINT_URL_SCHEDULER: urls.scheduler,
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: "embedded",
  AWS_EC2_METADATA_DISABLED: "true",
  ...resourceVariables(manifest),
  [resourceEnvironment.shellUrl]: front,
});

/** Settings of the person's own AWS tools that would make the SDK pass over the credentials above. */
const interfering = ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_ENDPOINT_URL"];

/** Makes `variables` this process's environment, as a Lambda's is set before its code loads. Returns how to undo it. */
export function applyToProcess(variables: Record<string, string>): () => void {
  const names = [...Object.keys(variables), ...interfering];
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of interfering) delete process.env[name];
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
