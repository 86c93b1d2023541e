/** What goes into a function's bundle. Pure data. */
import { cloudShellOf, type AgentConfig } from "../core/base/agent-config.ts";
import { memoriesOf, providersOf } from "./linked-settings.ts";

/**
 * The client library of each member that has one. It is imported when the member is first asked to connect, which a
 * member that is off never is: its library stays out of every bundle, and cold starts read less.
 */
export const clients = {
  platform: { slack: "@slack/web-api", telegram: "grammy" },
  provider: { bedrock: "@aws-sdk/client-bedrock-runtime", openai: "openai" },
  shell: {
    daytona: ["@daytona/api-client", "@daytona/toolbox-api-client"],
    docker: "dockerode",
    ecs: ["@aws-sdk/client-ecs", "@aws-sdk/client-lambda"],
    microvm: "@aws-sdk/client-lambda-microvms",
    modal: "modal",
    ssh: "ssh2",
  },
  memory: { honcho: "@honcho-ai/sdk" },
} as const;

export function unusedClients(config: AgentConfig): string[] {
  // Singularity is reached over ssh.
  const shell = cloudShellOf(config);
  const used = new Set<string>([
    ...config.platforms,
    ...providersOf(config),
    shell === "singularity" ? "ssh" : shell,
    ...memoriesOf(config),
  ]);
  return Object.values(clients).flatMap((members) =>
    Object.entries(members).flatMap(([member, libraries]) => (used.has(member) ? [] : libraries)),
  );
}

/** Parts of ssh2 compiled for one machine: it does without them. */
export const nativeExtras = ["cpu-features", "*.node"];

/** Packages that a Lambda does not need as they are; stacks/packaging.ts puts something smaller in their place. */
export const replacedByLambda = { credentials: "@aws-sdk/credential-provider-node" } as const;
