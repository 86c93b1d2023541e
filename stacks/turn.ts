/**
 * The state machine of a turn, from the definition that the embedded cloud runs too. A raw resource: SST 4.17.1's own
 * component overflows the stack on a loop and writes a field that AWS refuses.
 */
import { turnMachineName } from "./account.ts";
import { functions } from "./functions.ts";
import { table } from "./storage.ts";
import { turnDefinition } from "./turn-definition.ts";

const logs = new aws.cloudwatch.LogGroup("TurnLogs", {
  // AWS keeps the resource policy of this prefix short by itself (Step Functions guide, "Logging").
  name: `/aws/vendedlogs/states/${turnMachineName}`,
  retentionInDays: 30,
});

/** What Step Functions needs to write logs; AWS offers no narrower resource for them (same page). */
const deliverLogs = [
  "logs:CreateLogDelivery",
  "logs:GetLogDelivery",
  "logs:UpdateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:DescribeResourcePolicies",
  "logs:DescribeLogGroups",
];

const role = new aws.iam.Role("TurnRole", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "states.amazonaws.com" }),
  inlinePolicies: [
    {
      name: "inline",
      policy: aws.iam.getPolicyDocumentOutput({
        statements: [
          { actions: ["lambda:InvokeFunction"], resources: [functions["agent-step"].arn, functions.abandon.arn] },
          // Where a turn that waits leaves its task token.
          { actions: ["dynamodb:UpdateItem"], resources: [table.arn] },
          { actions: deliverLogs, resources: ["*"] },
        ],
      }).json,
    },
  ],
});

const arns = Object.fromEntries(Object.entries(functions).map(([name, { arn }]) => [name, arn]));

export const turnMachine = new aws.sfn.StateMachine("Turn", {
  name: turnMachineName,
  type: "STANDARD",
  roleArn: role.arn,
  definition: $resolve({ ...arns, "table:state": table.name }).apply(({ "table:state": state, ...functions }) =>
    turnDefinition({ functions, tables: { state } }),
  ),
  // Inputs and outputs are ids only, but errors carry words of the outside world: no execution data in logs.
  loggingConfiguration: { level: "ERROR", includeExecutionData: false, logDestination: $interpolate`${logs.arn}:*` },
});
