/** What a shell in the cloud is made of. Pure data: AWS builds its image, so nobody needs Docker to deploy. */
import { gzipSync } from "node:zlib";

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
const silenceSeconds = 1800;

/** The repository's ARN, where an image is in a registry of AWS that asks who pulls (Amazon ECR guide, "Private registries"). */
export function privateRepositoryOf(image: string): string | undefined {
  const [, account, region, name] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)/.exec(image) ?? [];
  return name === undefined ? undefined : `arn:aws:ecr:${region}:${account}:repository/${name}`;
}

/** Above an image of the owner's, in place of shell-agent/Dockerfile: the agent and nothing else. */
export const dockerfileOn = (image: string): string => `FROM ${image}
COPY agent.mjs /opt/agent.mjs
CMD ["node", "/opt/agent.mjs"]
`;

/** What a task's agent is told by its definition. */
export const taskEnvironment = [{ name: "TALARIA_AGENT_SILENCE_SECONDS", value: String(silenceSeconds) }];

/** How a task begins whose image is the owner's, pulled as it is: the agent comes with the definition. */
export const startCommand = (agent: string): string[] => [
  "sh",
  "-c",
  `echo ${gzipSync(agent).toString("base64")} | base64 -d | gunzip > /opt/agent.mjs && exec node /opt/agent.mjs`,
];

/**
 * How CodeBuild makes our image of a task; REPOSITORY is set in the project, TAG when a build is started. A phase ends with
 * its first command that fails, and a build without its log-in does not begin.
 */
export const buildSpecification = {
  version: 0.2,
  phases: {
    pre_build: {
      commands: ['aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}"'],
    },
    build: { commands: ['docker build --tag "$REPOSITORY:$TAG" .', 'docker push "$REPOSITORY:$TAG"'] },
  },
};

/** How long a build may take, in minutes; it takes about three. */
export const maxBuildMinutes = 20;

/** Lambda's own base of every image, by its region (Lambda MicroVMs guide, "MicroVM base images"). */
export const microvmBaseArn = (region: string): string => `arn:aws:lambda:${region}:aws:microvm-image:al2023-1`;

/** Where the parts of an image are put for AWS to build it, below the bucket. */
export const imagePrefix = "shell-image/";
