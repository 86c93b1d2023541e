/** What a shell in the cloud is made of. Pure data: nobody needs Docker to deploy. */
import type { AgentConfig } from "../core/base/agent-config.ts";

/** Debian with Node 24, bash, git, curl, Python and the usual tools to build with; for arm64 too, without a log-in. */
const shellBase = "public.ecr.aws/docker/library/node:24-bookworm";

/**
 * By `machine.size` of agent.config.ts. Fargate: CPU units and MB (AWS Fargate guide, "Task CPU and memory"). MicroVM:
 * MB of memory, a CPU for two gigabytes, and four times as much of both in bursts (Lambda MicroVMs guide, "Sizing").
 */
export const shellSizes = {
  small: { task: { cpu: "256", memory: "512" }, vmMemoryMb: 512 },
  medium: { task: { cpu: "512", memory: "2048" }, vmMemoryMb: 2048 },
  large: { task: { cpu: "2048", memory: "8192" }, vmMemoryMb: 8192 },
} as const;

/** A task is stopped this long after it was asked to: the longest that Fargate allows, for the last save. */
export const stopSeconds = 120;

/**
 * An agent that nobody speaks to any more ends its task by itself: whoever should have stopped it must have died. The
 * functions look after an idle shell after five minutes already.
 */
export const silenceSeconds = 1800;

export const imageOf = ({ image }: AgentConfig["machine"]): string => image ?? shellBase;

/** The repository's ARN, where an image is in a registry of AWS that asks who pulls (Amazon ECR guide, "Private registries"). */
export function privateRepositoryOf(image: string): string | undefined {
  const [, account, region, name] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)/.exec(image) ?? [];
  return name === undefined ? undefined : `arn:aws:ecr:${region}:${account}:repository/${name}`;
}

/** The file of a MicroVM image that AWS builds: its agent listens when the snapshot is taken. */
export const microvmDockerfile = (image: string): string => `FROM ${image}
COPY agent.mjs /opt/agent.mjs
CMD ["node", "/opt/agent.mjs"]
`;

/** Lambda's own base of every image, by its region (Lambda MicroVMs guide, "MicroVM base images"). */
export const microvmBaseArn = (region: string): string => `arn:aws:lambda:${region}:aws:microvm-image:al2023-1`;

/** Where the parts of an image are put for AWS to build it, below the bucket. */
export const imagePrefix = "shell-image/";
