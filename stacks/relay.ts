/** The one function that is in the shells' network: it carries exchanges to the tasks, and may do nothing else. */
import { arnOf, nameOf } from "./account.ts";

/** What Lambda itself needs to put a function into a network (AWS Lambda guide, "Giving functions access to a VPC"). */
const joinNetwork = {
  actions: [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  // AWS knows no narrower resource for a network interface that does not exist yet.
  resources: ["*"],
};

interface Network {
  subnets: $util.Input<string>[];
  securityGroup: $util.Input<string>;
}

export const createRelay = ({ subnets, securityGroup }: Network) =>
  new sst.aws.Function("ShellRelay", {
    name: nameOf("relay"),
    handler: "functions/relay/handler.handler",
    runtime: "nodejs24.x",
    architecture: "arm64",
    // An exchange of 6 MB, as text, as bytes and as JSON.
    memory: "256 MB",
    timeout: "40 seconds",
    nodejs: { format: "esm", minify: true },
    logging: { format: "json", retention: "1 month" },
    vpc: { privateSubnets: subnets, securityGroups: [securityGroup] },
    permissions: [
      joinNetwork,
      {
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [arnOf("logs", `log-group:/aws/lambda/${nameOf("relay")}:*`)],
      },
    ],
    transform: {
      role: {
        assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
        managedPolicyArns: [],
      },
    },
  });
