import { randomUUID } from "node:crypto";
import type { StatusChange } from "../step-functions/index.ts";
import { account, region } from "./names.ts";

export const isFailure = ({ status }: StatusChange): boolean =>
  status === "FAILED" || status === "TIMED_OUT" || status === "ABORTED";

/** The event that EventBridge makes of it, without the dates of start and stop. Source: Step Functions developer guide, "Automating with EventBridge". */
export const statusChangeEvent = (change: StatusChange): object => ({
  version: "0",
  id: randomUUID(),
  "detail-type": "Step Functions Execution Status Change",
  source: "aws.states",
  account,
  time: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
  region,
  resources: [change.executionArn],
  detail: {
    executionArn: change.executionArn,
    stateMachineArn: change.stateMachineArn,
    name: change.name,
    status: change.status,
    input: change.input,
    output: change.output ?? null,
    inputDetails: { included: true },
    outputDetails: change.output === undefined ? null : { included: true },
    error: change.error ?? null,
    cause: change.cause ?? null,
  },
});
