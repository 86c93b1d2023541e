/**
 * The state machine of a turn, as data: Amazon States Language with JSONata. Deployment and the embedded cloud both
 * create it from here. Between states only ids travel; the happy path is three transitions (Step, Next step?, end).
 */

/** Input of the machine and of every Step: who is asking, and nothing else. */
export interface TurnInput {
  /** The conversation key; it begins with its profile. */
  conversation: string;
  session: string;
  turn: number;
}

/** What a Step answers: whether the machine goes round again. */
export interface StepOutput extends TurnInput {
  next: "continue" | "done";
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

export interface TurnFunctions {
  /** ARN or name of functions/agent-step. */
  agentStep: string;
  /** ARN or name of functions/abandon. */
  abandon: string;
}

/** A step may use all of its Lambda's 15 minutes; the machine waits a little longer before it calls that a time-out. */
const stepTimeoutSeconds = 930;
/** A turn may wait days for a person; a week is the end of every patience. */
const turnTimeoutSeconds = 7 * 24 * 3600;

export const turnMachine = (functions: TurnFunctions) => ({
  Comment: "One turn: from the inbox to the delivered reply",
  QueryLanguage: "JSONata",
  TimeoutSeconds: turnTimeoutSeconds,
  StartAt: "Step",
  States: {
    Step: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: functions.agentStep, Payload: "{% $states.input %}" },
      Output: "{% $states.result.Payload %}",
      TimeoutSeconds: stepTimeoutSeconds,
      Retry: retry,
      Catch: [
        {
          ErrorEquals: ["States.ALL"],
          Output:
            "{% $merge([$states.context.Execution.Input, { 'error': $states.errorOutput.Error, 'cause': $states.errorOutput.Cause }]) %}",
          Next: "Abandon",
        },
      ],
      Next: "Decide",
    },
    Decide: {
      Type: "Choice",
      Choices: [{ Condition: "{% $states.input.next = 'continue' %}", Next: "Step" }],
      Default: "Done",
    },
    Done: { Type: "Succeed" },
    Abandon: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: functions.abandon, Payload: "{% $states.input %}" },
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
