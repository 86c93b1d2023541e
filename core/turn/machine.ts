import { tokenUpdate, type Key } from "../store/keys.ts";

/**
 * The state machine of a turn, as data: Amazon States Language with JSONata. Deployment and the embedded cloud both
 * create it from here. Between states only ids travel; the happy path is three transitions (Step, Decide, end).
 */

/** Input of the machine and of every Step: who is asking, and nothing else. */
export interface TurnInput {
  /** The conversation key; it begins with its profile. */
  conversation: string;
  session: string;
  turn: number;
}

/** What a Step answers: whether the machine goes round again, at once or after a wait. */
export interface StepOutput extends TurnInput {
  next: "continue" | "wait" | "done";
  /** With `wait`: where the task token is written, under which name the turn is parked, and how long it waits at most. */
  wait?: { key: Key; parking: string; seconds: number };
}

/** What Abandon is handed: the turn, and the error that ended it as Step Functions saw it. */
export interface AbandonInput extends TurnInput {
  error: string;
  cause: string;
}

/**
 * A Lambda that dies, is throttled or times out is run again: each of its steps is saved, so at most one model call
 * repeats. Our own retryable errors wait longer, since another service asked for it. A refusal is never retried.
 * Source of the error names: AWS Step Functions developer guide, "Handling errors" and "Lambda service exceptions".
 */
const retry = [
  {
    ErrorEquals: ["Talaria.Retryable"],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxDelaySeconds: 60,
    MaxAttempts: 5,
    JitterStrategy: "FULL",
  },
  {
    ErrorEquals: [
      "Lambda.ServiceException",
      "Lambda.AWSLambdaException",
      "Lambda.SdkClientException",
      "Lambda.ClientExecutionTimeoutException",
      "Lambda.TooManyRequestsException",
      "Lambda.Unknown",
      "Sandbox.Timedout",
      "Runtime.ExitError",
      "States.Timeout",
    ],
    IntervalSeconds: 1,
    BackoffRate: 2,
    MaxDelaySeconds: 20,
    MaxAttempts: 6,
    JitterStrategy: "FULL",
  },
];

export interface TurnResources {
  /** ARN or name of functions/agent-step. */
  agentStep: string;
  /** ARN or name of functions/abandon. */
  abandon: string;
  /** Name of the table. */
  table: string;
}

/** What the machine cannot get over ends in Abandon, which tells the person. */
const caught = {
  ErrorEquals: ["States.ALL"],
  Output:
    "{% $merge([$states.context.Execution.Input, { 'error': $states.errorOutput.Error, 'cause': $states.errorOutput.Cause }]) %}",
  Next: "Abandon",
};

/** The ids of the turn, whatever happened since: what every state but the first step is handed. */
const ids = "{% $states.context.Execution.Input %}";

/** Six times as long as the sweep leaves between two looks at a turn that waits (sweep.ts). */
const heartbeatSeconds = 1_800;

/**
 * Nothing runs and nothing is billed while a call of the turn waits: the machine writes its task token into the
 * conversation, and whoever puts something in the inbox, or the time, ends the wait. The step then looks what happened.
 * A condition that does not hold means that something did, before the machine came this far. The sweep's heartbeats say
 * that somebody looks after the wait; when they stay away, the step looks by itself. A wait shorter than their interval
 * ends by it, one second before its time-out, which AWS wants to be the longer of the two.
 * Source: AWS Step Functions developer guide, "Wait for a callback with task token" and "Task" (HeartbeatSeconds).
 */
const waitState = (table: string) => ({
  Type: "Task",
  Resource: "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
  Arguments: {
    TableName: table,
    Key: { pk: { S: "{% $states.input.wait.key.pk %}" }, sk: { S: "{% $states.input.wait.key.sk %}" } },
    UpdateExpression: tokenUpdate.update,
    ConditionExpression: tokenUpdate.condition,
    ExpressionAttributeValues: {
      ":token": { S: "{% $states.context.Task.Token %}" },
      ":parking": { S: "{% $states.input.wait.parking %}" },
    },
  },
  TimeoutSeconds: "{% $states.input.wait.seconds + 1 %}",
  HeartbeatSeconds: `{% $min([$states.input.wait.seconds, ${heartbeatSeconds}]) %}`,
  Output: ids,
  Retry: [
    {
      ErrorEquals: [
        "DynamoDb.ProvisionedThroughputExceededException",
        "DynamoDb.RequestLimitExceeded",
        "DynamoDb.ThrottlingException",
        "DynamoDb.InternalServerErrorException",
        "DynamoDb.SdkClientException",
      ],
      IntervalSeconds: 1,
      BackoffRate: 2,
      MaxDelaySeconds: 20,
      MaxAttempts: 6,
      JitterStrategy: "FULL",
    },
  ],
  Catch: [
    {
      ErrorEquals: ["DynamoDb.ConditionalCheckFailedException", "States.HeartbeatTimeout", "States.Timeout"],
      Output: ids,
      Next: "Step",
    },
    caught,
  ],
  Next: "Step",
});

/** A step may use all of its Lambda's 15 minutes; the machine waits a little longer before it calls that a time-out. */
const stepTimeoutSeconds = 930;
/** A turn may wait days for a person; a week is the end of every patience. */
const turnTimeoutSeconds = 7 * 24 * 3600;

export const turnMachine = ({ agentStep, abandon, table }: TurnResources) => ({
  Comment: "One turn: from the inbox to the delivered reply",
  QueryLanguage: "JSONata",
  TimeoutSeconds: turnTimeoutSeconds,
  StartAt: "Step",
  States: {
    Step: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: agentStep, Payload: "{% $states.input %}" },
      Output: "{% $states.result.Payload %}",
      TimeoutSeconds: stepTimeoutSeconds,
      Retry: retry,
      Catch: [caught],
      Next: "Decide",
    },
    Decide: {
      Type: "Choice",
      Choices: [
        { Condition: "{% $states.input.next = 'continue' %}", Next: "Step" },
        { Condition: "{% $states.input.next = 'wait' %}", Next: "Wait" },
      ],
      Default: "Done",
    },
    Wait: waitState(table),
    Done: { Type: "Succeed" },
    Abandon: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: abandon, Payload: "{% $states.input %}" },
      Output: "{% $states.result.Payload %}",
      TimeoutSeconds: 120,
      Retry: [
        {
          ErrorEquals: ["States.ALL"],
          IntervalSeconds: 2,
          BackoffRate: 2,
          MaxDelaySeconds: 60,
          MaxAttempts: 6,
          JitterStrategy: "FULL",
        },
      ],
      End: true,
    },
  },
});
