// oxlint-disable no-new -- constructing a resource declares it
/**
 * What an operator must hear of, on one topic. Seven alarms: the first ten of an account are free (CloudWatch pricing).
 * Errors of `abandon` show as failed turns, those of `schedule` as dead letters.
 */
import config from "../agent.config.ts";
import { nameOf } from "./account.ts";
import { deadLetters } from "./dead-letters.ts";
import { functions } from "./functions.ts";
import { turnMachine } from "./turn.ts";

const { email, monthlyBudgetUsd } = config.alarms;

export const topic = new aws.sns.Topic("Alarms", { name: nameOf("alarms") });

if (email) new aws.sns.TopicSubscription("AlarmsByMail", { topic: topic.arn, protocol: "email", endpoint: email });

interface Watch {
  description: string;
  namespace: string;
  metric: string;
  dimensions: Record<string, $util.Input<string>>;
  /** A level that is looked at, rather than events that are counted. */
  isLevel?: boolean;
}

/** More than none in five minutes is too many. */
function watch(name: string, { description, namespace, metric, dimensions, isLevel }: Watch) {
  return new aws.cloudwatch.MetricAlarm(name, {
    name: nameOf(name),
    alarmDescription: description,
    namespace,
    metricName: metric,
    dimensions,
    statistic: isLevel ? "Maximum" : "Sum",
    period: 300,
    evaluationPeriods: 1,
    threshold: 0,
    comparisonOperator: "GreaterThanThreshold",
    treatMissingData: "notBreaching",
    alarmActions: [topic.arn],
    okActions: [topic.arn],
  });
}

const turns = { namespace: "AWS/States", dimensions: { StateMachineArn: turnMachine.arn } };
watch("TurnsFailed", {
  ...turns,
  metric: "ExecutionsFailed",
  description: "A turn failed and so did telling the person",
});
watch("TurnsTimedOut", { ...turns, metric: "ExecutionsTimedOut", description: "A turn ran for a week" });

for (const [label, { name }] of [
  ["Webhooks", functions.webhooks],
  ["AgentStep", functions["agent-step"]],
] as const) {
  const lambda = { namespace: "AWS/Lambda", dimensions: { FunctionName: name } };
  watch(`${label}Errors`, { ...lambda, metric: "Errors", description: `${label} failed; Lambda's log says why` });
  watch(`${label}Throttles`, {
    ...lambda,
    metric: "Throttles",
    description: "The account's Lambda concurrency is used up",
  });
}

watch("DeadLettersWaiting", {
  namespace: "AWS/SQS",
  metric: "ApproximateNumberOfMessagesVisible",
  dimensions: { QueueName: deadLetters.name },
  description: "An event could not be handled: look into the dead-letter queue",
  isLevel: true,
});

/** Of the whole account: a filter by tag shows nothing, silently, until somebody activates the tag for billing. */
if (monthlyBudgetUsd && email)
  new aws.budgets.Budget("Budget", {
    name: nameOf("budget"),
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: String(monthlyBudgetUsd),
    limitUnit: "USD",
    notifications: [
      {
        notificationType: "FORECASTED",
        comparisonOperator: "GREATER_THAN",
        threshold: 100,
        thresholdType: "PERCENTAGE",
        subscriberEmailAddresses: [email],
      },
    ],
  });
