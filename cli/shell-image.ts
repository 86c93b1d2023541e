/** What the images of the shells "ecs" and "microvm" share: AWS builds both, of a zip in our bucket. */
import type { AgentConfig } from "../core/base/agent-config.ts";
import type { Clock } from "../core/base/clock.ts";
import { messageOf } from "../core/base/errors.ts";
import { imagePrefix } from "../stacks/shell-image.ts";
import { problem, type Finding } from "./finding.ts";

export interface ImagePlan {
  config: Pick<AgentConfig, "region" | "machine">;
  /** The repository's root. */
  root: string;
  bucket: string;
  clock: Clock;
  print(text: string): void;
}

export const buildBegins = "  · AWS builds the image of the shell's machines; this takes some minutes …";

/** What AWS refuses is no reason to end here: an agent without commands still answers. */
export async function orProblem(image: string, build: () => Promise<Finding>): Promise<Finding> {
  try {
    return await build();
  } catch (error) {
    return problem(
      `${image}: ${messageOf(error)}`,
      "commands cannot run yet: mend that and run npm run deploy again, or choose another shell in agent.config.ts",
    );
  }
}

/** @returns its place, as `bucket/key` */
export async function upload({ config, bucket }: ImagePlan, content: string, zip: Buffer): Promise<string> {
  const { PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const key = `${imagePrefix}${content}.zip`;
  await new S3Client({ region: config.region }).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: zip }));
  return `${bucket}/${key}`;
}

const lookEveryMs = 5_000;

/** Looks until there is something to see. `undefined`: there was nothing for so long. */
export async function watch<T>(clock: Clock, maxMs: number, look: () => Promise<T | undefined>) {
  for (const until = clock.now() + maxMs; clock.now() < until; await clock.sleep(lookEveryMs)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  return undefined;
}
