/** The Lambda functions of the manifest, each with its own role, its own settings and its own secrets. */
import config from "../agent.config.ts";
import { cloudSettingsOf } from "../core/base/agent-config.ts";
import { nameOf, turnMachineArn } from "./account.ts";
import { permissionsOf } from "./grants.ts";
import { manifest, resourceEnvironment, type FunctionSpec } from "./manifest.ts";
import { componentNameOf } from "./names.ts";
import { needs, reaches, usesShell, type FunctionName } from "./needs.ts";
import { packagingOf } from "./packaging.ts";
import { secretsOf } from "./secrets.ts";
import { shellImage } from "./shell-images.ts";
import { shellTask } from "./shells.ts";
import { bucket, table } from "./storage.ts";

/** An operator may give these more than the manifest does, in agent.config.ts. */
const memoryMb: Partial<Record<FunctionName, number>> = {
  webhooks: config.memory.webhooks,
  "agent-step": config.memory.agentStep,
};

/** The only folder of a Lambda that can be written to; it lives as long as the instance. */
const workspaces = { TALARIA_WORKSPACES: "/tmp/workspaces" };

/** A Lambda's environment holds 4 KB; names and ARNs of resources take the rest. */
const maxSettingsBytes = 3_000;

function settingsFor(name: FunctionName): Record<string, string> {
  const values = Object.entries(cloudSettingsOf(config)).filter(([key]) => needs[name].settings.includes(key));
  const bytes = JSON.stringify(values).length;
  if (bytes <= maxSettingsBytes) return Object.fromEntries(values);
  throw new Error(
    `agent.config.ts has ${bytes} bytes of settings for ${name}, and a Lambda holds ${maxSettingsBytes}: shorten allowedUsers, owners, passthrough, approvals.denied or approvals.policy.`,
  );
}

/** How the functions that use it find the machines of this deployment's shell. */
const shellEnvironment = { ...workspaces, ...shellTask?.environment, ...shellImage?.environment };

function environmentOf(name: FunctionName, shellUrl?: $util.Input<string>) {
  return {
    ...settingsFor(name),
    [resourceEnvironment.table]: table.name,
    [resourceEnvironment.bucket]: bucket.name,
    [resourceEnvironment.turnMachine]: turnMachineArn,
    ...(shellUrl !== undefined && { [resourceEnvironment.shellUrl]: shellUrl }),
    ...(reaches(name, "review") && { [resourceEnvironment.reviewFunction]: nameOf("review") }),
    ...(reaches(name, "curator") && { [resourceEnvironment.curatorFunction]: nameOf("curator") }),
    ...(usesShell(name) && shellEnvironment),
  };
}

/** SST 4.17.1 would let the whole account assume a function's role, which only its live mode needs. */
const onlyLambda = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });

function createFunction(name: FunctionName, shellUrl?: $util.Input<string>) {
  const spec: FunctionSpec = manifest.functions[name];
  return new sst.aws.Function(componentNameOf(name), {
    name: nameOf(name),
    handler: spec.module.replace(/\.ts$/, ".handler"),
    runtime: "nodejs24.x",
    // A fifth cheaper than x86 and at least as fast (AWS Lambda pricing).
    architecture: "arm64",
    memory: `${memoryMb[name] ?? spec.memoryMb} MB`,
    timeout: `${spec.timeoutSeconds} seconds`,
    ...packagingOf(name),
    logging: { format: "json", retention: "1 month" },
    environment: environmentOf(name, shellUrl),
    permissions: permissionsOf(name),
    link: secretsOf(name),
    // Platforms call it, never a browser on another site; signatures are checked by the function.
    ...(spec.url && { url: { cors: false } }),
    transform: { role: { assumeRolePolicy: onlyLambda, managedPolicyArns: [] } },
  });
}

/** First: a step tells a job where it rings. */
const shell = createFunction("shell");

const create = (name: FunctionName) => {
  if (name === "shell") return shell;
  return name === "agent-step" ? createFunction(name, shell.url) : createFunction(name);
};

export const functions = Object.fromEntries(
  (Object.keys(manifest.functions) as FunctionName[]).map((name) => [name, create(name)]),
) as Record<FunctionName, sst.aws.Function>;
