/**
 * Where commands run in the cloud with the shell "microvm", the one that a deployment has unless it chooses another. Its machines come and go by themselves; SST
 * 4.17.1 knows no resource for their image, so `npm run deploy` has AWS build it (cli/microvm-image.ts), with this role.
 */
import config from "../agent.config.ts";
import { cloudShellOf } from "../core/base/agent-config.ts";
import { anywhere, arnOf, nameOf } from "./account.ts";
import { imagePrefix } from "./shell-image.ts";
import { bucket } from "./storage.ts";

function createBuilder() {
  const name = nameOf("shell");
  const arn = arnOf("lambda", `microvm-image:${name}`);
  const build = new aws.iam.Role("ShellImageRole", {
    // Lambda itself, and only for an image of this account (Lambda MicroVMs guide, "Trust policies").
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          principals: [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }],
          actions: ["sts:AssumeRole", "sts:TagSession"],
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [anywhere.account] }],
        },
      ],
    }).json,
    inlinePolicies: [
      {
        name: "inline",
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [{ actions: ["s3:GetObject"], resources: [$interpolate`${bucket.arn}/${imagePrefix}*`] }],
        }).json,
      },
    ],
  });
  return { arn, buildRole: build.arn, environment: { TALARIA_MICROVM_IMAGE: arn } };
}

export const shellImage = cloudShellOf(config) === "microvm" ? createBuilder() : undefined;
