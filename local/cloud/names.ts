import type { Manifest } from "../../stacks/manifest.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";

/** The region and account that the embedded cloud pretends to be; the account number is one that AWS never gives out. */
export const region = "us-east-1";
export const account = "000000000000";

/** What a manifest's logical names are called in this cloud. */
const prefix = "talaria-";

export const resourceName = (logicalName: string): string => `${prefix}${logicalName}`;

export const functionArn = (logicalName: string): string =>
  `arn:aws:lambda:${region}:${account}:function:${resourceName(logicalName)}`;

export const machineArn = (logicalName: string): string =>
  `arn:aws:states:${region}:${account}:stateMachine:${resourceName(logicalName)}`;

export const scheduleArn = (group: string, name: string): string =>
  `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`;

/**
 * The logical name of a function that was addressed by name, by partial ARN or by full ARN, with or without a version.
 * Source of the three forms: AWS Lambda API reference, Invoke, "FunctionName".
 */
export function logicalFunctionName(nameOrArn: string): string {
  const afterArn = nameOrArn.replace(/^.*function:/, "");
  const name = afterArn.split(":")[0] ?? afterArn;
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** The variables by which functions find the resources of a manifest. A resource that it does not have is left out. */
export function resourceVariables(manifest: Manifest): Record<string, string> {
  const table = Object.keys(manifest.tables)[0];
  const bucket = manifest.buckets[0];
  return {
    ...(table !== undefined && { [resourceEnvironment.table]: resourceName(table) }),
    ...(bucket !== undefined && { [resourceEnvironment.bucket]: resourceName(bucket) }),
    ...("turn" in manifest.machines && { [resourceEnvironment.turnMachine]: machineArn("turn") }),
    ...("review" in manifest.functions && { [resourceEnvironment.reviewFunction]: functionArn("review") }),
    ...("curator" in manifest.functions && { [resourceEnvironment.curatorFunction]: functionArn("curator") }),
  };
}
