import {
  DescribeExecutionCommand,
  SFNClient,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  type DescribeExecutionCommandInput,
  type SendTaskHeartbeatCommandInput,
  type SendTaskSuccessCommandInput,
  type StartExecutionCommandInput,
} from "@aws-sdk/client-sfn";
import type { CallStepFunctions } from "./executions.ts";

/** Step Functions through the AWS SDK, with its retries. */
export function stepFunctionsSdk(client = new SFNClient()): CallStepFunctions {
  return async (operation, input) => {
    switch (operation) {
      case "StartExecution":
        await client.send(new StartExecutionCommand(input as unknown as StartExecutionCommandInput));
        return {};
      case "SendTaskSuccess":
        await client.send(new SendTaskSuccessCommand(input as unknown as SendTaskSuccessCommandInput));
        return {};
      case "SendTaskHeartbeat":
        await client.send(new SendTaskHeartbeatCommand(input as unknown as SendTaskHeartbeatCommandInput));
        return {};
      case "DescribeExecution":
        return client.send(new DescribeExecutionCommand(input as unknown as DescribeExecutionCommandInput));
    }
  };
}
