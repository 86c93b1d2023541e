/** What goes into a function's bundle. Pure data. */
import type { AgentConfig } from "../core/base/agent-config.ts";
import { providersOf } from "./linked-settings.ts";

/**
 * The client library of each member that has one. It is imported when the member is first asked to connect, which a
 * member that is off never is: its library stays out of every bundle, and cold starts read less.
 */
export const clients = {
  platform: { slack: "@slack/web-api", telegram: "grammy" },
  provider: { bedrock: "@aws-sdk/client-bedrock-runtime", openai: "openai" },
} as const;

export function unusedClients(config: AgentConfig): string[] {
  const used = new Set([...config.platforms, ...providersOf(config)]);
  return Object.values(clients).flatMap((members) =>
    Object.entries(members).flatMap(([member, library]) => (used.has(member) ? [] : [library])),
  );
}

/** Packages that a Lambda does not need as they are; stacks/packaging.ts puts something smaller in their place. */
export const replacedByLambda = { credentials: "@aws-sdk/credential-provider-node" } as const;
