// oxlint-disable no-new -- constructing a resource declares it
/** A turn that failed, timed out or was aborted is looked after at once, by the function that also sweeps. */
import { deadLetters } from "./dead-letters.ts";
import { functions } from "./functions.ts";
import { manifest } from "./manifest.ts";
import { turnMachine } from "./turn.ts";

const target = functions[manifest.machines.turn.onFailure];

const rule = new aws.cloudwatch.EventRule("FailedTurns", {
  description: "Executions of the turn machine that did not end well",
  eventPattern: $jsonStringify({
    source: ["aws.states"],
    "detail-type": ["Step Functions Execution Status Change"],
    detail: { status: ["FAILED", "TIMED_OUT", "ABORTED"], stateMachineArn: [turnMachine.arn] },
  }),
});

new aws.cloudwatch.EventTarget("FailedTurnsTarget", {
  rule: rule.name,
  arn: target.arn,
  deadLetterConfig: { arn: deadLetters.arn },
});

new aws.lambda.Permission("FailedTurnsPermission", {
  action: "lambda:InvokeFunction",
  function: target.name,
  principal: "events.amazonaws.com",
  sourceArn: rule.arn,
});

/** EventBridge puts into the queue what it could not deliver; the queue itself must allow it. */
new aws.sqs.QueuePolicy("DeadLettersPolicy", {
  queueUrl: deadLetters.id,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        principals: [{ type: "Service", identifiers: ["events.amazonaws.com"] }],
        actions: ["sqs:SendMessage"],
        resources: [deadLetters.arn],
        conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: [rule.arn] }],
      },
    ],
  }).json,
});
