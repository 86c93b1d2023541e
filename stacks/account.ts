/** Where we are, and the names and ARNs that follow from it without asking the resource: that would make a cycle. */
import { physicalNameOf } from "./names.ts";

const partition = aws.getPartitionOutput().partition;
const account = aws.getCallerIdentityOutput().accountId;
const region = aws.getRegionOutput().region;

export const nameOf = (logicalName: string): string => physicalNameOf($app.name, $app.stage, logicalName);

/** `arn:aws:states:us-east-1:123456789012:stateMachine:…` for (`states`, `stateMachine:…`). */
export const arnOf = (service: string, resource: $util.Input<string>) =>
  $interpolate`arn:${partition}:${service}:${region}:${account}:${resource}`;

export const anywhere = { partition, account };

/** The functions inside the machine start its executions, so its ARN comes from its name. */
export const turnMachineName = nameOf("turn");
export const turnMachineArn = arnOf("states", `stateMachine:${turnMachineName}`);
