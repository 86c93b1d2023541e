/** The image of the shell "microvm": AWS builds it from a zip in our bucket. SST 4.17.1 has no resource for it. */
import { createHash } from "node:crypto";
import type { LambdaMicrovmsClient } from "@aws-sdk/client-lambda-microvms";
import type { AgentConfig } from "../core/base/agent-config.ts";
import type { Clock } from "../core/base/clock.ts";
import { messageOf } from "../core/base/errors.ts";
import { agentPort } from "../core/shells/exec-agent/protocol.ts";
import { bundleAgent } from "../stacks/agent-bundle.ts";
import { imageOf, imagePrefix, microvmBaseArn, microvmDockerfile, shellSizes } from "../stacks/shell-image.ts";
import { ok, problem, type Finding } from "./finding.ts";
import { zipOf } from "./zip.ts";

export interface ImagePlan {
  config: Pick<AgentConfig, "region" | "machine">;
  /** The repository's root. */
  root: string;
  bucket: string;
  /** The image's ARN, which ends in its name. */
  image: string;
  buildRole: string;
  clock: Clock;
  print(text: string): void;
}

/** What an image is built from is kept in a tag, once it has been built. */
const contentTag = "talaria:content";
const lookEveryMs = 5_000;
const maxBuildMs = 30 * 60_000;

/** Builds the image unless the one that is there has the same content. */
export async function buildMicrovmImage(plan: ImagePlan): Promise<Finding> {
  try {
    return await build(plan);
  } catch (error) {
    return problem(
      `MicroVM image: ${messageOf(error)}`,
      "commands cannot run yet: mend that and run npm run deploy again, or choose another shell in agent.config.ts",
    );
  }
}

async function build(plan: ImagePlan): Promise<Finding> {
  const sdk = await import("@aws-sdk/client-lambda-microvms");
  const { config, image } = plan;
  const client = new sdk.LambdaMicrovmsClient({ region: config.region });
  const zip = zipOf({
    Dockerfile: microvmDockerfile(imageOf(config.machine)),
    "agent.mjs": await bundleAgent(plan.root),
  });
  const settings = settingsOf(plan);
  const content = createHash("sha256").update(zip).update(JSON.stringify(settings)).digest("hex");
  const found = await find(client, image);
  if (found?.tags?.[contentTag] === content) return ok(`MicroVM image: ${found.name} is as it should be`);
  plan.print("  · AWS builds the image of the shell's machines; this takes some minutes …");
  const uri = await upload(plan, `${imagePrefix}${content}.zip`, zip);
  const request = { ...settings, codeArtifact: { uri } };
  if (found) await client.send(new sdk.UpdateMicrovmImageCommand({ ...request, imageIdentifier: image }));
  else await client.send(new sdk.CreateMicrovmImageCommand({ ...request, name: image.split(":").at(-1) }));
  const state = await settled(client, plan);
  if (!/^(CREATED|UPDATED)$/.test(state))
    return problem(
      `MicroVM image: AWS could not build it (${state})`,
      "its builds are in the AWS console, Lambda, MicroVM images",
    );
  await client.send(new sdk.TagResourceCommand({ Resource: image, Tags: { [contentTag]: content } }));
  return ok("MicroVM image: built");
}

/** All but where the code is. */
function settingsOf({ config, buildRole }: ImagePlan) {
  return {
    baseImageArn: microvmBaseArn(config.region),
    buildRoleArn: buildRole,
    description: "Where Talaria's commands run",
    cpuConfigurations: [{ architecture: "ARM_64" as const }],
    resources: [{ minimumMemoryInMiB: shellSizes[config.machine.size].vmMemoryMb }],
    // The snapshot is taken once the agent listens.
    hooks: { port: agentPort, microvmImageHooks: { ready: "ENABLED" as const, readyTimeoutInSeconds: 300 } },
    logging: { disabled: {} },
  };
}

async function find(client: LambdaMicrovmsClient, imageIdentifier: string) {
  const { GetMicrovmImageCommand } = await import("@aws-sdk/client-lambda-microvms");
  try {
    const image = await client.send(new GetMicrovmImageCommand({ imageIdentifier }));
    return image.state === "DELETED" ? undefined : image;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

async function settled(client: LambdaMicrovmsClient, { image, clock }: ImagePlan): Promise<string> {
  for (const until = clock.now() + maxBuildMs; clock.now() < until; await clock.sleep(lookEveryMs)) {
    const state = (await find(client, image))?.state ?? "CREATING";
    if (state !== "CREATING" && state !== "UPDATING") return state;
  }
  return "it takes longer than half an hour";
}

async function upload({ config, bucket }: ImagePlan, key: string, zip: Buffer): Promise<string> {
  const { PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  await new S3Client({ region: config.region }).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: zip }));
  return `s3://${bucket}/${key}`;
}

/** Before a deployment goes: its machines end by themselves within eight hours, its image does not. */
export async function deleteMicrovmImage(region: string, image: string): Promise<Finding> {
  const { DeleteMicrovmImageCommand, LambdaMicrovmsClient } = await import("@aws-sdk/client-lambda-microvms");
  try {
    await new LambdaMicrovmsClient({ region }).send(new DeleteMicrovmImageCommand({ imageIdentifier: image }));
    return ok("MicroVM image: deleted");
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return ok("MicroVM image: there is none");
    return problem(`MicroVM image: ${messageOf(error)}`, "delete it in the AWS console, Lambda, MicroVM images");
  }
}
