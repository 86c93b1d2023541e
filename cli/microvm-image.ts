/** The image of the shell "microvm": AWS builds it from a zip in our bucket. SST 4.17.1 has no resource for it. */
import { createHash } from "node:crypto";
import type { LambdaMicrovmsClient } from "@aws-sdk/client-lambda-microvms";
import { messageOf } from "../core/base/errors.ts";
import { agentPort } from "../core/shells/exec-agent/protocol.ts";
import { imageParts } from "../stacks/image-parts.ts";
import { microvmBaseArn, shellSizes } from "../stacks/shell-image.ts";
import { ok, problem, type Finding } from "./finding.ts";
import { buildBegins, orProblem, upload, watch, type ImagePlan } from "./shell-image.ts";
import { zipOf } from "./zip.ts";

interface MicrovmImagePlan extends ImagePlan {
  /** The image's ARN, which ends in its name. */
  image: string;
  buildRole: string;
}

/** What an image is built from is kept in a tag, once it has been built. */
const contentTag = "talaria:content";
const maxBuildMs = 30 * 60_000;

/** Builds the image unless the one that is there has the same content. */
export const buildMicrovmImage = (plan: MicrovmImagePlan): Promise<Finding> =>
  orProblem("MicroVM image", () => build(plan));

async function build(plan: MicrovmImagePlan): Promise<Finding> {
  const sdk = await import("@aws-sdk/client-lambda-microvms");
  const { config, image } = plan;
  const client = new sdk.LambdaMicrovmsClient({ region: config.region });
  const zip = zipOf(await imageParts(plan.root, config.machine.image));
  const settings = settingsOf(plan);
  const content = createHash("sha256").update(zip).update(JSON.stringify(settings)).digest("hex");
  const found = await find(client, image);
  if (found?.tags?.[contentTag] === content) return ok(`MicroVM image: ${found.name} is as it should be`);
  plan.print(buildBegins);
  const uri = `s3://${await upload(plan, content, zip)}`;
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
function settingsOf({ config, buildRole }: MicrovmImagePlan) {
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

async function settled(client: LambdaMicrovmsClient, { image, clock }: MicrovmImagePlan): Promise<string> {
  const state = await watch(clock, maxBuildMs, async () => {
    const { state: now = "CREATING" } = (await find(client, image)) ?? {};
    return now === "CREATING" || now === "UPDATING" ? undefined : now;
  });
  return state ?? "it takes longer than half an hour";
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
